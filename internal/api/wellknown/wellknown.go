// Package wellknown serves the documents by which browsers and telephones ask a domain which pages and apps share its
// passkeys. They ask the domain itself, which hands the question on to here and names the project: a domain belongs
// to whoever can do that, and no project can speak for another's. It may import api and check.
package wellknown

import (
	"fmt"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// Endpoints lists the documents.
func Endpoints() []api.Endpoint {
	return []api.Endpoint{
		api.Define(row("/.well-known/webauthn", "The pages that share a domain's passkeys."), related),
		api.Define(row("/.well-known/assetlinks.json", "The Android apps that share a domain's passkeys."), assetLinks),
		api.Define(row("/.well-known/apple-app-site-association", "The apps of Apple's systems that share a domain's passkeys."), siteAssociation),
	}
}

// row is a document that anybody may read, whoever they are signed in as.
func row(path, about string) api.Spec {
	return api.Spec{Route: "GET " + path, About: about, Scope: api.ScopeGlobal, HalfSigned: true, AnyOrigin: true, Status: 200, Cache: "public, max-age=300",
		Faults: []*fault.Kind{fault.RouteNotFound}}
}

// party is where the passkeys of the call's project belong; without any there is no document.
func party(c *api.Call) (*check.RelyingParty, error) {
	policy := &c.Project.Settings.Policies.Passkeys
	if !policy.Enabled {
		return nil, fault.RouteNotFound
	}
	return check.NewRelyingParty(c.Project.Platforms, policy), nil
}

// relatedOrigins is the document of related origins (WebAuthn, 5.11).
type relatedOrigins struct {
	Origins []string `json:"origins"`
}

func related(c *api.Call, _ *api.None) (*relatedOrigins, error) {
	p, err := party(c)
	if err != nil {
		return nil, err
	}
	return &relatedOrigins{p.Related()}, nil
}

// assetLink is one of the list of Digital Asset Links.
type assetLink struct {
	Relation []string    `json:"relation"`
	Target   assetTarget `json:"target"`
}

type assetTarget struct {
	Namespace    string   `json:"namespace"`
	Package      string   `json:"package_name"`
	Fingerprints []string `json:"sha256_cert_fingerprints"`
}

// relations are what Android asks for before an app gets a domain's passkeys; the first alone is not enough.
var relations = []string{"delegate_permission/common.get_login_creds", "delegate_permission/common.handle_all_urls"}

func assetLinks(c *api.Call, _ *api.None) ([]assetLink, error) {
	p, err := party(c)
	if err != nil {
		return nil, err
	}
	list := []assetLink{}
	for _, app := range p.AndroidApps() {
		list = append(list, assetLink{relations, assetTarget{"android_app", app.Package, []string{colons(app.Fingerprint)}}})
	}
	return list, nil
}

// colons writes a fingerprint the way tools print it.
func colons(b []byte) string {
	parts := make([]string, len(b))
	for i := range b {
		parts[i] = fmt.Sprintf("%02X", b[i])
	}
	return strings.Join(parts, ":")
}

// appleAssociation is the document of Apple's associated domains.
type appleAssociation struct {
	WebCredentials appleApps `json:"webcredentials"`
}

type appleApps struct {
	Apps []string `json:"apps"`
}

func siteAssociation(c *api.Call, _ *api.None) (*appleAssociation, error) {
	p, err := party(c)
	if err != nil {
		return nil, err
	}
	return &appleAssociation{appleApps{append([]string{}, p.AppleApps()...)}}, nil
}
