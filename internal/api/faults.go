package api

import "latchkey/internal/fault"

// everywhere is what any request may be answered by the pipeline.
var everywhere = []*fault.Kind{
	fault.ArgumentInvalid, fault.BadRequest, fault.UnauthorizedScope, fault.UserUnauthorized, fault.UserJWTInvalid, fault.ProjectKeyExpired,
	fault.UserMoreFactorsRequired, fault.UserFactorSetupRequired, fault.UnknownOrigin, fault.ProjectIDMissing, fault.UserJWTAndCookieSet, fault.UserBlocked,
	fault.ServiceDisabled, fault.APIDisabled, fault.ProjectNotFound, fault.UserPasswordResetRequired, fault.PayloadTooLarge, fault.ServerError,
}

// AllFaults lists everything the endpoint may be refused with: what its row names and what the pipeline
// adds because of the row. A test holds every answer of the suite against it.
func (e *Endpoint) AllFaults() []*fault.Kind {
	list := append([]*fault.Kind{}, everywhere...)
	if e.Limit.Max > 0 {
		list = append(list, fault.RateLimitExceeded, fault.ServerBusy)
	}
	if e.Gate != GateNone {
		list = append(list, fault.UserAuthMethodUnsupported)
	}
	if e.Unsigned {
		list = append(list, fault.UserSessionAlreadyExists)
	}
	if e.Fresh {
		list = append(list, fault.UserChallengeRequired)
	}
	seen := map[*fault.Kind]bool{}
	var all []*fault.Kind
	for _, kind := range append(list, e.Faults...) {
		if !seen[kind] {
			seen[kind] = true
			all = append(all, kind)
		}
	}
	return all
}
