package store

import (
	"errors"
	"strings"
)

// The unique constraints, as Conflict names them.
const (
	UniqueProjectID        = "projects_id"
	UniquePlatformID       = "platforms_id"
	UniqueKeyID            = "keys_id"
	UniqueKeySecret        = "keys_secret"
	UniqueDocumentID       = "documents_id"
	UniqueOperator         = "operators_id"
	UniqueUserID           = "users_id"
	UniqueUserEmail        = "users_email"
	UniqueUserPhone        = "users_phone"
	UniqueSessionID        = "sessions_id"
	UniqueSessionSecret    = "sessions_secret"
	UniqueTargetID         = "targets_id"
	UniqueTargetIdentifier = "targets_identifier"
	UniqueIdentityID       = "identities_id"
	UniqueIdentity         = "identities_provider"
	UniqueTokenID          = "tokens_id"
	UniqueAuthenticator    = "authenticators_type"
	UniqueAuthenticatorID  = "authenticators_id"
	UniqueChallengeID      = "challenges_id"
	UniqueRecoveryCode     = "recovery_codes_position"
	UniqueAuditSeq         = "audits_seq"
	UniqueAuditHead        = "audit_heads_project"
	UniqueAuditCheckpoint  = "audit_checkpoints_seq"
	UniqueDeliveryID       = "deliveries_id"
	UniqueWebhookFailures  = "webhook_failures_id"
	UniqueAuditID          = "audits_id"
	UniqueLimit            = "limits_hash"
	UniqueMeta             = "server_meta_name"
	UniqueLease            = "leases_name"
	UniqueMessageID        = "messages_id"
	UniqueTextRouteID      = "text_routes_id"
	UniqueUserTerm         = "user_terms_key"
	UniqueTeamID           = "teams_id"
	UniqueMembershipID     = "memberships_id"
	UniqueMembershipUser   = "memberships_user"
	UniqueUsageCount       = "usage_counts_id"
	UniqueOAuth2Login      = "oauth2_logins_state"
	UniqueIDToken          = "id_tokens_hash"
	UniquePasskeyID        = "passkeys_id"
	UniquePasskey          = "passkeys_credential"
	UniqueCeremonyID       = "ceremonies_id"
)

// targetsKey is violated besides UniqueTargetID when the same user has the id already; which of the two is
// told depends on the engine.
const targetsKey = "targets_key"

// uniqueColumns names the constraints by their columns, which is all that SQLite tells.
var uniqueColumns = map[string]string{
	"projects.id":                                                  UniqueProjectID,
	"platforms.project_id, platforms.id":                           UniquePlatformID,
	"keys.project_id, keys.id":                                     UniqueKeyID,
	"keys.project_id, keys.secret_hash":                            UniqueKeySecret,
	"operators.project_id, operators.user_id":                      UniqueOperator,
	"users.project_id, users.id":                                   UniqueUserID,
	"users.project_id, users.email":                                UniqueUserEmail,
	"users.project_id, users.phone":                                UniqueUserPhone,
	"targets.project_id, targets.id":                               UniqueTargetID,
	"identities.project_id, identities.id":                         UniqueIdentityID,
	"limits.hash, limits.start":                                    UniqueLimit,
	"server_meta.name":                                             UniqueMeta,
	"leases.name":                                                  UniqueLease,
	"messages.project_id, messages.id":                             UniqueMessageID,
	"text_routes.project_id, text_routes.route, text_routes.start": UniqueTextRouteID,
	"oauth2_logins.state_hash":                                     UniqueOAuth2Login,
	"id_tokens.project_id, id_tokens.hash":                         UniqueIDToken,
	"challenges.project_id, challenges.user_id, challenges.id":     UniqueChallengeID,
	"recovery_codes.project_id, recovery_codes.user_id, recovery_codes.position": UniqueRecoveryCode,
	"audits.project_id, audits.seq":                                              UniqueAuditSeq,
	"audit_heads.project_id":                                                     UniqueAuditHead,
	"audit_checkpoints.project_id, audit_checkpoints.seq":                        UniqueAuditCheckpoint,

	"usage_counts.project_id, usage_counts.at":                 UniqueUsageCount,
	"deliveries.project_id, deliveries.id":                     UniqueDeliveryID,
	"webhook_failures.project_id, webhook_failures.webhook_id": UniqueWebhookFailures,

	"passkeys.project_id, passkeys.user_id, passkeys.id": UniquePasskeyID,
	"passkeys.project_id, passkeys.credential_id":        UniquePasskey,
	"ceremonies.project_id, ceremonies.id":               UniqueCeremonyID,

	"teams.id":       UniqueTeamID,
	"memberships.id": UniqueMembershipID,
	"memberships.team_id, memberships.user_id": UniqueMembershipUser,

	"user_terms.project_id, user_terms.user_id, user_terms.field, user_terms.term": UniqueUserTerm,

	"documents.project_id, documents.kind, documents.id":                     UniqueDocumentID,
	"sessions.project_id, sessions.user_id, sessions.id":                     UniqueSessionID,
	"sessions.project_id, sessions.user_id, sessions.secret_hash":            UniqueSessionSecret,
	"targets.project_id, targets.user_id, targets.id":                        targetsKey,
	"targets.project_id, targets.provider_type, targets.identifier":          UniqueTargetIdentifier,
	"identities.project_id, identities.provider, identities.provider_uid":    UniqueIdentity,
	"tokens.project_id, tokens.user_id, tokens.id":                           UniqueTokenID,
	"authenticators.project_id, authenticators.user_id, authenticators.type": UniqueAuthenticator,
	"authenticators.project_id, authenticators.id":                           UniqueAuthenticatorID,
	"audits.project_id, audits.actor_id, audits.time, audits.id":             UniqueAuditID,
}

// errUnique says that a row would have repeated what must be unique.
type errUnique struct {
	Constraint string
	cause      error
}

// Error implements error.
func (e *errUnique) Error() string { return e.cause.Error() }

// Unwrap gives errors.Is and errors.As what the engine said.
func (e *errUnique) Unwrap() error { return e.cause }

// Conflict finds out whether err means that something must be unique and is taken, and which constraint says
// so. It is a race that somebody else has won, or a value the caller chose: rules turn it into a fault. Of
// several that are violated, it depends on the engine which is told.
func Conflict(err error) (constraint string, ok bool) {
	var unique *errUnique
	if !errors.As(err, &unique) {
		return "", false
	}
	if unique.Constraint == targetsKey {
		return UniqueTargetID, true
	}
	return unique.Constraint, true
}

// sqliteConstraint finds the constraint in SQLite's message: "UNIQUE constraint failed: users.id, …".
func sqliteConstraint(message string) string {
	_, columns, _ := strings.Cut(message, "constraint failed: ")
	if name := uniqueColumns[columns]; name != "" {
		return name
	}
	return columns
}
