package store

var (
	deleteTokensOf        = statement("DeleteTokensOf", `delete from tokens where project_id = $1 and user_id = $2`)
	deleteTokensOfPurpose = statement("DeleteTokensOfPurpose", `delete from tokens where project_id = $1 and user_id = $2 and purpose = $3`)
)

// DeleteTokensOf deletes a user's open tokens of some purposes; without one, all of them.
func (tx *Tx) DeleteTokensOf(project, user string, purposes ...string) {
	if len(purposes) == 0 {
		tx.do(deleteTokensOf, project, user)
	}
	for _, purpose := range purposes {
		tx.do(deleteTokensOfPurpose, project, user, purpose)
	}
}
