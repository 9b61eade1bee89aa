package wire

// JWT is a token that stands for the signed-in user.
type JWT struct {
	JWT string `json:"jwt"`
}

// Model implements api.Model.
func (*JWT) Model() string { return "jwt" }
