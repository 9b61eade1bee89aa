package wire

// HealthStatus says whether a part of the server is well.
type HealthStatus struct {
	Name   string `json:"name"`
	Ping   int    `json:"ping"` // milliseconds
	Status string `json:"status"`
}

// Model implements api.Model.
func (*HealthStatus) Model() string { return "healthStatus" }

// HealthVersion tells the version of the API that is spoken.
type HealthVersion struct {
	Version string `json:"version"`
}

// Model implements api.Model.
func (*HealthVersion) Model() string { return "healthVersion" }
