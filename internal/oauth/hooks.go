package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// appleSecret signs the client secret that Apple wants in place of a fixed one. It is made for one call, so it
// lives for minutes, not for the half year that Apple would allow.
func appleSecret(a *App) (string, error) {
	key, err := signingKey(a.secret)
	if err != nil {
		return "", &Wrong{"p8File", err.Error()}
	}
	now := a.client.clock()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{ // the audience is one text, not a list
		"iss": a.values["teamId"], "sub": a.clientID, "aud": "https://appleid.apple.com", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	})
	token.Header["kid"] = a.values["keyId"]
	delete(token.Header, "typ")
	return token.SignedString(key)
}

// appleName reads the name that comes in the callback's form. Nobody has signed it, so it is good for a name and
// nothing else.
func appleName(extras Extras) string {
	var form struct {
		Name struct{ FirstName, LastName string } `json:"name"`
	}
	if json.Unmarshal([]byte(extras.User), &form) != nil {
		return ""
	}
	return strings.TrimSpace(form.Name.FirstName + " " + form.Name.LastName)
}

// etsyOwner takes the user's id from the token, which begins with it.
func etsyOwner(_ *App, t *Tokens) map[string]string {
	id, _, _ := strings.Cut(t.Access, ".")
	return map[string]string{"owner": id}
}

// facebookProof shows that whoever uses the token has the app's secret, too.
func facebookProof(a *App, t *Tokens) map[string]string {
	mac := hmac.New(sha256.New, []byte(a.secret))
	mac.Write([]byte(t.Access))
	return map[string]string{"proof": hex.EncodeToString(mac.Sum(nil))}
}

// stripeAccount takes the account's id from the token's answer.
func stripeAccount(_ *App, t *Tokens) map[string]string {
	return map[string]string{"account": t.answer.text("stripe_user_id")}
}

// kakaoAddress is verified if Kakao has verified it and it is still that person's.
func kakaoAddress(o object) (string, bool) {
	return o.text("kakao_account.email"), o.yes("kakao_account.is_email_valid") && o.yes("kakao_account.is_email_verified")
}

// paypalAddress takes the primary address. That the account is verified says nothing about it.
func paypalAddress(o object) (string, bool) {
	for _, item := range o.items("emails") {
		if item.yes("primary") {
			return item.text("value"), item.yes("confirmed")
		}
	}
	return "", false
}

// podioAddress looks for the flag of the very address the profile names.
func podioAddress(o object) (string, bool) {
	mail := o.text("mail")
	for _, item := range o.items("mails") {
		if item.text("mail") == mail {
			return mail, item.yes("verified")
		}
	}
	return mail, false
}

// zoomAddress reads Zoom's number.
func zoomAddress(o object) (string, bool) { return o.text("email"), o.yesOrOne("verified") }

// The tenant of Microsoft's personal accounts.
const microsoftPersonal = "9188040d-6c67-4c5b-b112-36a304b66dad"

// isGUID says whether a text is a tenant's id.
func isGUID(text string) bool {
	return len(text) == 36 && strings.Count(text, "-") == 4 && strings.Trim(strings.ToLower(text), "0123456789abcdef-") == ""
}

// microsoftTenant checks the setting. A tenant's domain is not taken: tokens name the id, and the two could not be
// compared.
func microsoftTenant(a *App) error {
	tenant := a.values["tenant"]
	if slices.Contains([]string{"common", "organizations", "consumers"}, tenant) || isGUID(tenant) {
		return nil
	}
	return &Wrong{"tenant", "must be common, organizations, consumers or the tenant's id"}
}

// microsoftIssuer finds out which tenant a token says to be of, and whether that one is expected. The keys are
// then those of this tenant's own issuer, so the token proves what it says.
func microsoftIssuer(a *App, unverified object) (string, bool) {
	tid := strings.ToLower(unverified.text("tid"))
	if !isGUID(tid) {
		return "", false
	}
	ours := false
	switch tenant := strings.ToLower(a.values["tenant"]); tenant {
	case "common":
		ours = true
	case "organizations":
		ours = tid != microsoftPersonal
	case "consumers":
		ours = tid == microsoftPersonal
	default:
		ours = tid == tenant
	}
	return "https://login.microsoftonline.com/" + tid + "/v2.0", ours
}

// microsoftAddress decides by the verified token. Administrators of a tenant can write any address into mail and
// claims, so an address counts for personal accounts, and where Microsoft says that its domain is proved
// (xms_edov); a missing claim says nothing. Guests have a made-up principal name, which is no address.
func microsoftAddress(claims, info object) (string, bool) {
	verified := claims.text("tid") == microsoftPersonal || claims.yesOrOne("xms_edov")
	if email := claims.text("email"); email != "" {
		return email, verified
	}
	if mail := info.text("mail"); mail != "" {
		return mail, false
	}
	if name := info.text("userPrincipalName"); !strings.Contains(name, "#EXT#") {
		return name, false
	}
	return "", false
}

// oidcURLs checks that something says where to go.
func oidcURLs(a *App) error {
	if at := a.values["wellKnownURL"]; at != "" {
		if !strings.HasSuffix(at, wellKnown) {
			return &Wrong{"wellKnownURL", "must end in " + wellKnown}
		}
		return nil
	}
	for _, name := range []string{"authorizationURL", "tokenURL", "userInfoURL"} {
		if a.values[name] == "" {
			return &Wrong{name, missing}
		}
	}
	return nil
}

// oktaServer makes the base of one authorization server, or of the organization itself.
func oktaServer(a *App) error {
	domain, id := a.values["domain"], a.values["authorizationServerId"]
	a.bases["server"], a.bases["issuer"] = domain+"/oauth2/"+id, domain+"/oauth2/"+id
	if id == "org" {
		a.bases["server"], a.bases["issuer"] = domain+"/oauth2", domain
	}
	return nil
}

// zohoCentres are Zoho's data centres. The client's secret is posted to one of them, so a callback cannot name
// others.
var zohoCentres = []string{"https://accounts.zoho.com", "https://accounts.zoho.eu", "https://accounts.zoho.in", "https://accounts.zoho.com.au",
	"https://accounts.zoho.jp", "https://accounts.zohocloud.ca", "https://accounts.zoho.sa", "https://accounts.zoho.uk"}

func zohoHome(a *App) error {
	a.bases["home"] = a.values["endpoint"]
	return nil
}

// zohoToken sends the code to the data centre that the callback names.
func zohoToken(a *App, extras Extras) (string, error) {
	centre := or(strings.TrimSuffix(extras.AccountsServer, "/"), a.values["endpoint"])
	if !slices.Contains(zohoCentres, centre) {
		return "", &Refusal{Text: "Zoho: the data centre named by the callback is none of Zoho's."}
	}
	return centre + "/oauth/v2/token", nil
}

// zohoIssuer takes the tokens of every data centre.
func zohoIssuer(_ *App, unverified object) (string, bool) {
	issuer := unverified.text("iss")
	return issuer, slices.Contains(zohoCentres, issuer)
}
