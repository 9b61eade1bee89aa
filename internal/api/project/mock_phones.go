package project

import (
	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

func (s *Service) mockPhones() []api.Endpoint {
	return []api.Endpoint{
		api.Define(listMockPhones, s.listMockPhones),
		api.Define(createMockPhone, s.createMockPhone),
		api.Define(getMockPhone, s.getMockPhone),
		api.Define(updateMockPhone, s.updateMockPhone),
		api.Define(deleteMockPhone, s.deleteMockPhone),
	}
}

var listMockPhones = api.Spec{
	Route: "GET /v1/project/mock-phones", SDK: []string{"project.listMockPhones"},
	About: "List the numbers that always get the same code and no message.",
	Scope: api.ScopeMocksRead, Status: 200,
}

func (s *Service) listMockPhones(c *api.Call, in *pageIn) (*wire.MockNumberList, error) {
	p, err := s.Rules.Project(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	part, total := page(in, p.Settings.MockPhones)
	list := &wire.MockNumberList{Total: total, MockNumbers: []*wire.MockNumber{}}
	for i := range part {
		list.MockNumbers = append(list.MockNumbers, wire.MockNumberOf(&part[i]))
	}
	return list, nil
}

type mockNumberIn struct{ number string }

func (in *mockNumberIn) Params(p *api.Params) {
	p.String("number", &in.number, check.Phone, "Telephone number with + and country code.", api.Example("+16175551212"))
}

type mockPhoneIn struct {
	mockNumberIn
	otp string
}

func (in *mockPhoneIn) Params(p *api.Params) {
	in.mockNumberIn.Params(p)
	p.String("otp", &in.otp, admin.CheckOTP, "The code it always gets: six digits.", api.Example("123456"))
}

func mockReply(phone *model.MockPhone, err error) (*wire.MockNumber, error) {
	if err != nil {
		return nil, err
	}
	return wire.MockNumberOf(phone), nil
}

var createMockPhone = api.Spec{
	Route: "POST /v1/project/mock-phones", SDK: []string{"project.createMockPhone"},
	About: "Give a number a fixed code, for those who review apps.",
	Scope: api.ScopeMocksWrite, Audit: "project.update", Status: 201, Faults: []*fault.Kind{fault.MockNumberAlreadyExists, fault.MockNumberLimitExceeded},
}

func (s *Service) createMockPhone(c *api.Call, in *mockPhoneIn) (*wire.MockNumber, error) {
	return mockReply(s.Rules.AddMockPhone(c.Context(), c.Request(), model.MockPhone{Number: in.number, OTP: in.otp}))
}

var getMockPhone = api.Spec{
	Route: "GET /v1/project/mock-phones/{number}", SDK: []string{"project.getMockPhone"},
	About: "Get a mock number.",
	Scope: api.ScopeMocksRead, Status: 200, Faults: []*fault.Kind{fault.MockNumberNotFound},
}

func (s *Service) getMockPhone(c *api.Call, in *mockNumberIn) (*wire.MockNumber, error) {
	return mockReply(s.Rules.MockPhone(c.Context(), c.Project.ID, in.number))
}

var updateMockPhone = api.Spec{
	Route: "PUT /v1/project/mock-phones/{number}", SDK: []string{"project.updateMockPhone"},
	About: "Give a mock number another code.",
	Scope: api.ScopeMocksWrite, Audit: "project.update", Status: 200, Faults: []*fault.Kind{fault.MockNumberNotFound},
}

func (s *Service) updateMockPhone(c *api.Call, in *mockPhoneIn) (*wire.MockNumber, error) {
	return mockReply(s.Rules.SetMockPhone(c.Context(), c.Request(), in.number, in.otp))
}

var deleteMockPhone = api.Spec{
	Route: "DELETE /v1/project/mock-phones/{number}", SDK: []string{"project.deleteMockPhone"},
	About: "Make a number one like any other.",
	Scope: api.ScopeMocksWrite, Audit: "project.update", Status: 204, Faults: []*fault.Kind{fault.MockNumberNotFound},
}

func (s *Service) deleteMockPhone(c *api.Call, in *mockNumberIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveMockPhone(c.Context(), c.Request(), in.number)
}
