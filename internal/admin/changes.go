package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Project finds a project with everything about it, as it is stored now. Fault: project_not_found.
func (r *Rules) Project(ctx context.Context, id string) (*model.Project, error) {
	return r.DB.Project(ctx, id)
}

// changed writes a change that an operator or a server has asked for, with its entry in the audit trail, and lets this
// node see it at once; the others see it within PollEvery. resource is what was changed, below the project.
func (r *Rules) changed(ctx context.Context, req *auth.Request, resource string, write func(*store.Tx, *auth.Details) error) error {
	err := r.change(ctx, func(tx *store.Tx) error {
		if err := tx.LockProjectUsers(req.Project.ID); err != nil {
			return err
		}
		var what auth.Details
		if err := write(tx, &what); err != nil {
			return err
		}
		r.audit(tx, req, resource, what)
		return nil
	})
	if err != nil || r.Refresh == nil {
		return err
	}
	return r.Refresh(ctx)
}

// audit notes who has changed what.
func (r *Rules) audit(tx *store.Tx, req *auth.Request, resource string, what auth.Details) {
	path := "project/" + req.Project.ID
	if resource != "" {
		path += "/" + resource
	}
	entry := auth.AuditEntry(req, req.Actor, r.Random.ID(r.Clock()), tx.Now, path)
	entry.Details = what.JSON()
	tx.InsertAudit(entry)
}

// changeSettings changes a project's settings as they are when the change is made, so that two at once both hold.
func (r *Rules) changeSettings(ctx context.Context, req *auth.Request, resource string, change func(*model.Settings) error) (*model.Project, error) {
	return r.changeProject(ctx, req, resource, func(p *model.Project) error { return change(&p.Settings) })
}

func (r *Rules) changeProject(ctx context.Context, req *auth.Request, resource string, change func(*model.Project) error) (*model.Project, error) {
	var project *model.Project
	err := r.changed(ctx, req, resource, func(tx *store.Tx, what *auth.Details) error {
		var err error
		if project, err = tx.Project(req.Project.ID); err != nil {
			return err
		}
		before := flatSettings(&project.Settings)
		name, team := project.Name, project.Team
		if err := change(project); err != nil {
			return err
		}
		*what = what.Value("name", name, project.Name).Value("teamId", team, project.Team).Values(before, &project.Settings, codes)
		project.UpdatedAt = tx.Now
		tx.UpsertProject(project)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return project, nil
}

// codes are the fixed codes of mock numbers, which sign in.
const codes = "mockPhones"

// flatSettings is a copy of settings as they are.
func flatSettings(s *model.Settings) json.RawMessage {
	text, err := json.Marshal(s)
	if err != nil {
		panic("admin: " + err.Error()) // settings are stored in this form
	}
	return text
}

// RenameProject changes a project's name.
func (r *Rules) RenameProject(ctx context.Context, req *auth.Request, name string) (*model.Project, error) {
	return r.changeProject(ctx, req, "name", func(p *model.Project) error {
		p.Name = name
		return nil
	})
}

// authMethods finds the switch of each way of signing in, by the SDK's ids.
func authMethods(m *model.AuthMethods) map[string]*bool {
	return map[string]*bool{"email-password": &m.EmailPassword, "magic-url": &m.MagicURL, "email-otp": &m.EmailOTP, "anonymous": &m.Anonymous,
		"invites": &m.Invites, "jwt": &m.JWT, "phone": &m.Phone}
}

// AuthMethods lists the ways of signing in, in the SDK's order.
var AuthMethods = []string{"email-password", "magic-url", "email-otp", "anonymous", "invites", "jwt", "phone"}

// AuthMethodEnabled says whether a way of signing in is switched on.
func AuthMethodEnabled(s *model.Settings, method string) bool {
	on := authMethods(&s.AuthMethods)[method]
	return on != nil && *on
}

// SetAuthMethod switches a way of signing in. The name has been checked.
func (r *Rules) SetAuthMethod(ctx context.Context, req *auth.Request, method string, on bool) (*model.Project, error) {
	return r.changeSettings(ctx, req, "auth-methods/"+method, func(s *model.Settings) error {
		*authMethods(&s.AuthMethods)[method] = on
		return nil
	})
}

// SetPolicy sets some values of a policy. Names and bounds have been checked.
func (r *Rules) SetPolicy(ctx context.Context, req *auth.Request, id string, values map[string]any) (*model.Project, error) {
	return r.changeSettings(ctx, req, "policies/"+id, func(s *model.Settings) error { return setPolicy(s, id, values) })
}

// Services lists the services that can be switched off.
func Services() []string { return services }

// Protocols lists the protocols that can be switched off.
func Protocols() []string { return protocols }

// SetService switches services; the names have been checked.
func (r *Rules) SetService(ctx context.Context, req *auth.Request, on bool, names ...string) (*model.Project, error) {
	return r.changeSettings(ctx, req, "services", func(s *model.Settings) error {
		s.Services = switched(s.Services, on, names)
		return nil
	})
}

// SetProtocol switches protocols; the names have been checked.
func (r *Rules) SetProtocol(ctx context.Context, req *auth.Request, on bool, names ...string) (*model.Project, error) {
	return r.changeSettings(ctx, req, "protocols", func(s *model.Settings) error {
		s.APIs = switched(s.APIs, on, names)
		return nil
	})
}

// switched copies switches with some of them set.
func switched(old map[string]bool, on bool, names []string) map[string]bool {
	switches := map[string]bool{}
	for name, value := range old {
		switches[name] = value
	}
	for _, name := range names {
		switches[name] = on
	}
	return switches
}

// SetProjectLabels replaces a project's labels; repeated ones count once.
func (r *Rules) SetProjectLabels(ctx context.Context, req *auth.Request, labels []string) (*model.Project, error) {
	unique := []string{}
	for _, label := range labels {
		if !slices.Contains(unique, label) {
			unique = append(unique, label)
		}
	}
	return r.changeSettings(ctx, req, "labels", func(s *model.Settings) error {
		s.Labels = unique
		return nil
	})
}

// CheckOTP checks the fixed code of a mock number.
func CheckOTP(text string) error {
	if !sixDigits.MatchString(text) {
		return fmt.Errorf("Value must be six digits.")
	}
	return nil
}

// mockPhone finds a mock number; -1 if there is none.
func mockPhone(s *model.Settings, number string) int {
	return slices.IndexFunc(s.MockPhones, func(p model.MockPhone) bool { return p.Number == number })
}

// AddMockPhone gives a number a fixed code. Faults: mock_number_already_exists, mock_number_limit_exceeded.
func (r *Rules) AddMockPhone(ctx context.Context, req *auth.Request, phone model.MockPhone) (*model.MockPhone, error) {
	_, err := r.changeSettings(ctx, req, "mock-phones/"+phone.Number, func(s *model.Settings) error {
		switch {
		case mockPhone(s, phone.Number) >= 0:
			return fault.MockNumberAlreadyExists
		case len(s.MockPhones) >= maxMockPhones:
			return fault.MockNumberLimitExceeded
		}
		phone.CreatedAt, phone.UpdatedAt = r.now(), r.now()
		s.MockPhones = append(s.MockPhones, phone)
		return nil
	})
	return &phone, err
}

// SetMockPhone gives a mock number another code. Fault: mock_number_not_found.
func (r *Rules) SetMockPhone(ctx context.Context, req *auth.Request, number, otp string) (*model.MockPhone, error) {
	var phone model.MockPhone
	_, err := r.changeSettings(ctx, req, "mock-phones/"+number, func(s *model.Settings) error {
		i := mockPhone(s, number)
		if i < 0 {
			return fault.MockNumberNotFound
		}
		s.MockPhones[i].OTP, s.MockPhones[i].UpdatedAt = otp, r.now()
		phone = s.MockPhones[i]
		return nil
	})
	return &phone, err
}

// MockPhone finds a mock number. Fault: mock_number_not_found.
func (r *Rules) MockPhone(ctx context.Context, project, number string) (*model.MockPhone, error) {
	p, err := r.Project(ctx, project)
	if err != nil {
		return nil, err
	}
	if i := mockPhone(&p.Settings, number); i >= 0 {
		return &p.Settings.MockPhones[i], nil
	}
	return nil, fault.MockNumberNotFound
}

// RemoveMockPhone makes a number one like any other. Fault: mock_number_not_found.
func (r *Rules) RemoveMockPhone(ctx context.Context, req *auth.Request, number string) error {
	_, err := r.changeSettings(ctx, req, "mock-phones/"+number, func(s *model.Settings) error {
		i := mockPhone(s, number)
		if i < 0 {
			return fault.MockNumberNotFound
		}
		s.MockPhones = slices.Delete(s.MockPhones, i, i+1)
		return nil
	})
	return err
}

// ReplaceMockPhones replaces all mock numbers. Faults: general_argument_invalid, mock_number_limit_exceeded.
func (r *Rules) ReplaceMockPhones(ctx context.Context, req *auth.Request, phones []model.MockPhone) (*model.Project, error) {
	if len(phones) > maxMockPhones {
		return nil, fault.MockNumberLimitExceeded
	}
	for i, phone := range phones {
		if err := check.Phone(phone.Number); err != nil {
			return nil, fault.ArgumentInvalid.Say("Invalid `numbers` param: " + err.Error())
		}
		if err := CheckOTP(phone.OTP); err != nil {
			return nil, fault.ArgumentInvalid.Say("Invalid `numbers` param: " + err.Error())
		}
		phones[i].CreatedAt, phones[i].UpdatedAt = r.now(), r.now()
	}
	return r.changeSettings(ctx, req, "mock-phones", func(s *model.Settings) error {
		s.MockPhones = phones
		return nil
	})
}
