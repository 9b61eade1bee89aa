// Package passkey owns what WebAuthn responses say and whether they are true: form, signature, domain, flags. It
// knows no user and no store; whoever calls it brings the challenge and the key, and keeps the count. It hides the
// library that reads CBOR and COSE, and imports none of our own packages.
package passkey

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Expect is what a response is held against.
type Expect struct {
	Challenge []byte
	RPID      string
	Origin    func(origin string) bool // whether a page or app may hold ceremonies
}

// Credential is what an authenticator has made.
type Credential struct {
	ID, PublicKey  []byte // the key in the form of COSE
	SignCount      uint32
	BackupEligible bool
	BackedUp       bool
	Transports     []string // words of lower-case letters, digits and hyphens
	AAGUID         string
}

// Algorithms are the kinds of signature that are asked for and taken, by their COSE numbers, the preferred first:
// Ed25519, ECDSA with P-256, RSA as PKCS #1.
var Algorithms = []int{int(webauthncose.AlgEdDSA), int(webauthncose.AlgES256), int(webauthncose.AlgRS256)}

// maxCredentialID is the longest id of a credential in bytes (WebAuthn, 4).
const maxCredentialID = 1023

var (
	errOrigin    = errors.New("the origin is not one of the project's")
	errBackup    = errors.New("a credential that cannot be backed up says that it is")
	errLong      = errors.New("the credential's id is too long")
	errChallenge = errors.New("the answer is to another challenge")
)

// der takes signatures in the form that the standard names alone.
var der = protocol.SignaturePolicy{ECDSAEncoding: protocol.ECDSASignatureEncodingDER}

// Register reads the answer to a challenge for a new credential, in the JSON form of WebAuthn. The person must have
// been verified: a passkey is two factors in one, and one made without that would be none.
func Register(response []byte, want Expect) (*Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, told(err)
	}
	origin := parsed.Response.CollectedClientData.Origin
	if !want.Origin(origin) {
		return nil, errOrigin
	}
	var params []protocol.CredentialParameter
	for _, algorithm := range Algorithms {
		params = append(params, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(algorithm)})
	}
	attestation := protocol.AttestationPolicy{}
	attestation.AndroidKey.AuthorizationScope = protocol.AndroidKeyAuthorizationScopeTEEEnforced
	attestation.Compound.SubStatementScope = protocol.CompoundSubStatementScopeAll
	_, err = parsed.Verify(base64.RawURLEncoding.EncodeToString(want.Challenge), want.RPID, []string{origin}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, nil, params, attestation, der)
	if err != nil {
		return nil, told(err)
	}
	data := &parsed.Response.AttestationObject.AuthData
	if len(data.AttData.CredentialID) > maxCredentialID {
		return nil, errLong
	}
	made := &Credential{ID: data.AttData.CredentialID, PublicKey: data.AttData.CredentialPublicKey, SignCount: data.Counter, AAGUID: uuid(data.AttData.AAGUID),
		BackupEligible: data.Flags.HasBackupEligible(), BackedUp: data.Flags.HasBackupState()}
	if made.BackedUp && !made.BackupEligible {
		return nil, errBackup
	}
	for _, transport := range parsed.Response.Transports {
		if word(string(transport)) && len(made.Transports) < 8 {
			made.Transports = append(made.Transports, string(transport))
		}
	}
	return made, nil
}

// Assertion is the answer of a credential, read and not yet believed.
type Assertion struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// Read reads the answer of a credential, in the JSON form of WebAuthn.
func Read(response []byte) (*Assertion, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, told(err)
	}
	if len(parsed.RawID) > maxCredentialID {
		return nil, errLong
	}
	return &Assertion{parsed}, nil
}

// CredentialID is the id of the credential that answers.
func (a *Assertion) CredentialID() []byte { return a.parsed.RawID }

// UserHandle is whom the authenticator takes the credential's owner for; empty if it does not say.
func (a *Assertion) UserHandle() []byte { return a.parsed.Response.UserHandle }

// Answers says whether the answer is to a challenge.
func (a *Assertion) Answers(challenge []byte) bool {
	return a.parsed.Response.CollectedClientData.Challenge == base64.RawURLEncoding.EncodeToString(challenge)
}

// Use is what an authenticator says when a credential is used.
type Use struct {
	SignCount      uint32
	BackupEligible bool
	BackedUp       bool
}

// Verify says whether the answer is true: signed with the credential's key, for this challenge and domain, on a page
// of the project, with the person verified.
func (a *Assertion) Verify(publicKey []byte, want Expect) (Use, error) {
	origin := a.parsed.Response.CollectedClientData.Origin
	if !want.Origin(origin) {
		return Use{}, errOrigin
	}
	if !a.Answers(want.Challenge) {
		return Use{}, errChallenge
	}
	err := a.parsed.Verify(base64.RawURLEncoding.EncodeToString(want.Challenge), want.RPID, "", []string{origin}, nil, nil,
		protocol.TopOriginExplicitVerificationMode, false, true, true, publicKey, der)
	if err != nil {
		return Use{}, told(err)
	}
	data := &a.parsed.Response.AuthenticatorData
	use := Use{SignCount: data.Counter, BackupEligible: data.Flags.HasBackupEligible(), BackedUp: data.Flags.HasBackupState()}
	if use.BackedUp && !use.BackupEligible {
		return Use{}, errBackup
	}
	return use, nil
}

// Nobody is the public key of a credential that does not exist: an answer that names an unknown one is verified
// with it, so that it costs what every other costs. Whose private key is 1 can sign for it, and gains nothing: no
// user hangs on it.
var Nobody = mustHex("a5010203262001215820" + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
	"225820" + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")

// told adds to an error of the library what it keeps for developers.
func told(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) && e.DevInfo != "" {
		return fmt.Errorf("%w: %s", err, e.DevInfo)
	}
	return err
}

// uuid writes sixteen bytes the way a UUID is written; what tells nothing is empty.
func uuid(b []byte) string {
	if len(b) != 16 || [16]byte(b) == [16]byte{} {
		return ""
	}
	text := hex.EncodeToString(b)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// word says whether a text is one that can be kept among others, joined by blanks.
func word(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return text != "" && len(text) <= 32
}

func mustHex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}
