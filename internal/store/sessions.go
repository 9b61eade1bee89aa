package store

import (
	"context"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// sessionColumns are read by scanSession; s is the table.
const sessionColumns = `s.id, s.created_at, s.updated_at, s.user_id, s.secret_hash, s.expire, s.provider, s.provider_uid,
	s.provider_access_token, s.provider_access_token_expiry, s.provider_refresh_token, s.factors, s.mfa_updated_at,
	s.ip, s.country, s.user_agent, s.agent`

var (
	// sessionUser is the statement behind every request: who is this? It finds the session by its key, the
	// user by theirs, and what every answer about a user shows: targets and whether a TOTP is set up.
	sessionUser = statement("SessionUser", `select `+targetColumns+`, `+sessionColumns+`, `+userColumns+`
		from sessions s
		join users u on u.project_id = s.project_id and u.id = s.user_id
		left join targets t on t.project_id = s.project_id and t.user_id = s.user_id
		where s.project_id = $1 and s.user_id = $2 and s.secret_hash = $3 and s.expire >= $4`)
	sessionsOf = statement("Sessions", `select `+sessionColumns+` from sessions s
		where s.project_id = $1 and s.user_id = $2 and s.expire >= $3 order by s.created_at, s.id`)
	sessionByID = statement("Session", `select `+sessionColumns+` from sessions s
		where s.project_id = $1 and s.user_id = $2 and s.id = $3 and s.expire >= $4`)

	insertSession = statement("InsertSession", `insert into sessions (project_id, id, created_at, updated_at, user_id, secret_hash, expire,
			provider, provider_uid, provider_access_token, provider_access_token_expiry, provider_refresh_token,
			factors, mfa_updated_at, ip, country, user_agent, agent)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`)
	extendSession = statement("ExtendSession", `update sessions set expire = $4, updated_at = $5
		where project_id = $1 and user_id = $2 and id = $3 and expire >= $6`)
	updateSessionFactors = statement("UpdateSessionFactors", `update sessions set factors = $4, mfa_updated_at = $5, updated_at = $6
		where project_id = $1 and user_id = $2 and id = $3 and expire >= $7`)
	updateSessionTokens = statement("UpdateSessionTokens", `update sessions set provider_access_token = $4, provider_access_token_expiry = $5,
			provider_refresh_token = $6 where project_id = $1 and user_id = $2 and id = $3`)
	updateTokensOfSessions = statement("UpdateTokensOfSessions", `update sessions set provider_access_token = $5, provider_access_token_expiry = $6,
			provider_refresh_token = $7 where project_id = $1 and user_id = $2 and provider = $3 and provider_uid = $4`)
	touchSession = statement("TouchSession", `update sessions set updated_at = updated_at where project_id = $1 and user_id = $2 and id = $3 and expire >= $4`)
	endSession   = statement("EndSession", `delete from sessions where project_id = $1 and user_id = $2 and id = $3`)
	// trimSessions keeps the new session first, then the newest that live, up to the limit.
	trimSessions = statement("TrimSessions", `delete from sessions where project_id = $1 and user_id = $2 and (expire < $3 or id in (
		select s.id from sessions s where s.project_id = $1 and s.user_id = $2 and s.expire >= $3
		order by case when s.id = $4 then 0 else 1 end, s.created_at desc, s.id desc limit 1000000 offset $5))`)
	hasSession    = statement("HasSession", `select exists (select 1 from sessions where project_id = $1 and user_id = $2)`)
	deleteSession = statement("DeleteSession", `delete from sessions
		where project_id = $1 and user_id = $2 and id = $3 and expire >= $4`)
	deleteSessionsOf = statement("DeleteSessionsOf", `delete from sessions where project_id = $1 and user_id = $2 and id <> $3`)
)

// SessionUser finds the live session of a user that a secret belongs to, and the user with targets and HasTOTP.
// A session is live through the millisecond it expires in. Fault: user_session_not_found.
func (db *DB) SessionUser(ctx context.Context, project, user string, secretHash []byte, now model.Time) (*model.SessionUser, error) {
	var found *model.SessionUser
	var targets []model.Target
	err := db.ask(ctx, sessionUser.with(project, user, secretHash, now), func(r row) error {
		targets = scanTargetOf(r, project, targets)
		if found == nil {
			found = &model.SessionUser{}
			found.Session.Project, found.User.Project = project, project
			scanSession(r, &found.Session)
			scanUser(r, &found.User)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fault.UserSessionNotFound
	}
	found.User.Targets = sortTargets(targets, found.User.ID)
	return found, nil
}

func scanSession(r row, s *model.Session) {
	s.ID, s.CreatedAt, s.UpdatedAt = r.text(), moment(r), moment(r)
	s.UserID, s.SecretHash, s.Expire = r.text(), r.bytes(), moment(r)
	s.Provider, s.ProviderUID = r.text(), r.text()
	s.ProviderAccessToken, s.ProviderAccessTokenExpiry, s.ProviderRefreshToken = r.text(), moment(r), r.text()
	s.Factors, s.MFAUpdatedAt = words(r), moment(r)
	s.IP, s.CountryCode, s.UserAgent = r.text(), r.text(), r.text()
	s.Agent = unpackAgent(r.text())
}

// agentFields lists the fields of an agent in their stored order.
func agentFields(a *model.Agent) []*string {
	return []*string{&a.OSCode, &a.OSName, &a.OSVersion, &a.ClientType, &a.ClientCode, &a.ClientName, &a.ClientVersion,
		&a.ClientEngine, &a.ClientEngineVersion, &a.DeviceName, &a.DeviceBrand, &a.DeviceModel}
}

// packAgent writes the twelve fields as lines of one text. They are only ever read together, and one column
// costs every request eleven less. They come out of a header, which holds no line break.
func packAgent(a *model.Agent) string {
	fields := agentFields(a)
	lines := make([]string, len(fields))
	for i, field := range fields {
		lines[i] = strings.ReplaceAll(*field, "\n", " ")
	}
	return strings.Join(lines, "\n")
}

// unpackAgent is the way back.
func unpackAgent(text string) (a model.Agent) {
	for _, field := range agentFields(&a) {
		*field, text, _ = strings.Cut(text, "\n")
	}
	return a
}

// Sessions lists a user's live sessions, oldest first.
func (db *DB) Sessions(ctx context.Context, project, user string, now model.Time) ([]model.Session, error) {
	return many(ctx, db, sessionsOf.with(project, user, now), func(r row, s *model.Session) {
		s.Project = project
		scanSession(r, s)
	})
}

// Session finds one live session of a user. Fault: user_session_not_found.
func (db *DB) Session(ctx context.Context, project, user, id string, now model.Time) (*model.Session, error) {
	return one(ctx, db, sessionByID.with(project, user, id, now), func(r row, s *model.Session) {
		s.Project = project
		scanSession(r, s)
	}, fault.UserSessionNotFound)
}

// SessionsOf lists a user's live sessions as the transaction sees them, oldest first.
func (tx *Tx) SessionsOf(project, user string) ([]model.Session, error) {
	return many(tx.ctx, tx, sessionsOf.with(project, user, tx.Now), func(r row, s *model.Session) {
		s.Project = project
		scanSession(r, s)
	})
}

// Session finds one live session of a user as the transaction sees it. Fault: user_session_not_found.
func (tx *Tx) Session(project, user, id string) (*model.Session, error) {
	return one(tx.ctx, tx, sessionByID.with(project, user, id, tx.Now), func(r row, s *model.Session) {
		s.Project = project
		scanSession(r, s)
	}, fault.UserSessionNotFound)
}

// InsertSession adds a session of a user who exists. Conflict: UniqueSessionID, UniqueSessionSecret.
func (tx *Tx) InsertSession(s *model.Session) {
	tx.newest = s.ID
	tx.do(insertSession, s.Project, s.ID, s.CreatedAt, s.UpdatedAt, s.UserID, s.SecretHash, s.Expire,
		s.Provider, s.ProviderUID, s.ProviderAccessToken, s.ProviderAccessTokenExpiry, s.ProviderRefreshToken,
		joined(s.Factors), s.MFAUpdatedAt, s.IP, s.CountryCode, s.UserAgent, packAgent(&s.Agent))
}

// HasSession says whether a user has a session, be it expired. Lock the user first.
func (tx *Tx) HasSession(project, user string) (has bool, err error) {
	err = tx.ask(tx.ctx, hasSession.with(project, user), func(r row) error {
		has = r.flag()
		return nil
	})
	return has, err
}

// TrimSessions deletes a user's expired sessions and then the oldest beyond limit, with the push targets bound
// to them. A session that this transaction has inserted is never its own victim. Lock the user first.
func (tx *Tx) TrimSessions(project, user string, limit int) {
	tx.do(trimSessions, project, user, tx.Now, tx.newest, limit)
}

// ExtendSession writes the end and updated_at of a live session. Fault: user_session_not_found.
func (tx *Tx) ExtendSession(s *model.Session) {
	tx.must(fault.UserSessionNotFound, extendSession, s.Project, s.UserID, s.ID, s.Expire, s.UpdatedAt, tx.Now)
}

// UpdateSessionFactors writes what a live session has proved and when. Fault: user_session_not_found.
func (tx *Tx) UpdateSessionFactors(s *model.Session) {
	tx.must(fault.UserSessionNotFound, updateSessionFactors, s.Project, s.UserID, s.ID, joined(s.Factors), s.MFAUpdatedAt, s.UpdatedAt, tx.Now)
}

// UpdateSessionTokens writes the provider's tokens. Fault: user_session_not_found.
func (tx *Tx) UpdateSessionTokens(s *model.Session) {
	tx.must(fault.UserSessionNotFound, updateSessionTokens, s.Project, s.UserID, s.ID,
		s.ProviderAccessToken, s.ProviderAccessTokenExpiry, s.ProviderRefreshToken)
}

// UpdateTokensOfSessions writes an identity's tokens into every session of the user that was made through it.
func (tx *Tx) UpdateTokensOfSessions(i *model.Identity) {
	tx.do(updateTokensOfSessions, i.Project, i.UserID, i.Provider, i.ProviderUID, i.ProviderAccessToken, i.ProviderAccessTokenExpiry, i.ProviderRefreshToken)
}

// TouchSession takes a session's row for the rest of the transaction; it ends with user_unauthorized when there is
// no such live session any more.
func (tx *Tx) TouchSession(project, user, id string) {
	tx.must(fault.UserUnauthorized, touchSession, project, user, id, tx.Now)
}

// EndSession is DeleteSession that goes on when the session is gone.
func (tx *Tx) EndSession(project, user, id string) { tx.do(endSession, project, user, id) }

// DeleteSession deletes a live session of a user with the push targets bound to it. Fault:
// user_session_not_found.
func (tx *Tx) DeleteSession(project, user, id string) {
	tx.must(fault.UserSessionNotFound, deleteSession, project, user, id, tx.Now)
}

// DeleteSessionsOf deletes all sessions of a user but one, with the push targets bound to them; an empty
// except spares none.
func (tx *Tx) DeleteSessionsOf(project, user, except string) {
	tx.do(deleteSessionsOf, project, user, except)
}
