package auth

import (
	"encoding/binary"
	"fmt"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// hides says whether the project keeps from this caller who has an account. Servers and operators are told: they
// can look it up anyway.
func (r *Rules) hides(req *Request) bool {
	return req.Project.Settings.Policies.HideAccounts.Enabled && !req.Trusted
}

// decoy stands in for the account that an address does not have, where nobody may find that out. Its id is the
// same whenever it is asked for, and looks like any other; it is blocked, so that nothing is sent.
func (r *Rules) decoy(req *Request, email string) *model.User {
	user := r.newUser(req.Project.ID, r.decoyID(req.Project, email))
	user.Email, user.Status = email, false
	return user
}

// decoyID is a keyed hash of the address in the form of an id made some time since the project began. The span
// in which it lies doubles with the project's age, so that an id changes rarely and is never of the future.
func (r *Rules) decoyID(project *model.Project, email string) string {
	sum := r.Keys.MAC("decoy", []byte(project.ID), []byte(email))
	age, span := int64(r.now()-project.CreatedAt)/1000, int64(1)
	for span*2 <= age {
		span *= 2
	}
	seconds := int64(project.CreatedAt)/1000 + int64(binary.BigEndian.Uint64(sum)%uint64(span))
	micros := binary.BigEndian.Uint32(sum[8:]) % 1_000_000
	return fmt.Sprintf("%08x%05x%x", uint32(seconds), micros, sum[12:16])[:20]
}

// unknownUser is the answer to a secret that comes with the id of nobody.
func (r *Rules) unknownUser(req *Request) *fault.Kind {
	if r.hides(req) {
		return fault.UserInvalidToken
	}
	return fault.UserNotFound
}
