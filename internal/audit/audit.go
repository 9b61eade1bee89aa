// Package audit owns the chain of a project's audit trail: what a hash covers, which fields are sealed for whom,
// the signed checkpoints, and how all of that is verified. Actions insert entries by themselves and wait for nothing
// here. It may import model, secret and store.
package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// personal are the fields of an entry that tell who somebody is. The names are stored.
type personal struct {
	Name  string `json:"name,omitempty"`
	Mail  string `json:"mail,omitempty"`
	IP    string `json:"ip,omitempty"`
	Agent string `json:"agent,omitempty"`
}

const (
	keyPurpose        = "audit-key"
	fieldsPurpose     = "audit-fields"
	checkpointPurpose = "audit-checkpoint"
)

// person is somebody with a key of their own.
type person struct{ project, id string }

// subject is whose key seals an entry: the person who acted, an operator among them, or the one it was done to. Nobody
// for what a server or the command line did to no person.
func subject(a *model.Audit) person {
	switch id, is := strings.CutPrefix(a.Resource, "user/"); {
	case a.ActorType == "cli": // whoever runs commands has no name here
		return person{}
	case a.ActorType == "admin":
		return person{model.ConsoleProject, a.ActorID}
	case a.ActorType == "user":
		return person{a.Project, a.ActorID}
	case is:
		return person{a.Project, id}
	}
	return person{}
}

// impersonal says that an entry tells of no person at all: a server or the command line has set something up. Operators
// read it as long as it is kept.
func impersonal(a *model.Audit) bool {
	return subject(a) == person{} && (a.ActorType == "keyProject" || a.ActorType == "cli")
}

// place binds sealed fields to their entry.
func place(a *model.Audit) string { return a.Project + "/" + a.ActorID + "/" + a.ID }

// seal moves the personal fields of an entry into one sealed text.
func seal(key *secret.KeyRing, a *model.Audit) {
	plain, err := json.Marshal(personal{a.ActorName, a.ActorMail, a.IP, a.UserAgent})
	if err != nil {
		panic("audit: " + err.Error()) // four texts always have a JSON form
	}
	a.Personal = key.SealText(fieldsPurpose, place(a), string(plain))
	a.ActorName, a.ActorMail, a.IP, a.UserAgent = "", "", "", ""
}

// Open fills the personal fields of a person's entries in. What was sealed with a key that is gone stays empty.
func Open(ctx context.Context, db *store.DB, keys *secret.KeyRing, entries []model.Audit) error {
	rings := map[person]*secret.KeyRing{}
	for i := range entries {
		a := &entries[i]
		if a.Personal == "" {
			continue
		}
		who := subject(a)
		ring, known := rings[who]
		switch {
		case impersonal(a):
			ring = ringOf(keys, a, "")
		case !known:
			salt, err := db.AuditSalt(ctx, who.project, who.id)
			if err != nil {
				return err
			}
			if salt != "" {
				ring = ringOf(keys, a, salt)
			}
			rings[who] = ring
		}
		if ring == nil {
			continue
		}
		plain, err := ring.OpenText(fieldsPurpose, place(a), a.Personal)
		if err != nil {
			continue // sealed with an earlier key of somebody with the same id
		}
		var p personal
		if err := json.Unmarshal([]byte(plain), &p); err != nil {
			return errors.New("audit: sealed fields have no form that this program knows")
		}
		a.ActorName, a.ActorMail, a.IP, a.UserAgent = p.Name, p.Mail, p.IP, p.Agent
	}
	return nil
}

// ringOf is the key of a person: it comes from the master key and a salt, and is gone when the salt is.
func ringOf(keys *secret.KeyRing, a *model.Audit, salt string) *secret.KeyRing {
	who := subject(a)
	if who.project == "" {
		who.project = a.Project
	}
	return keys.Ring(keyPurpose, who.project+"/"+who.id+"/"+salt)
}

// link is the hash of an entry in its stored form, at its position, after the hash before it. Every field has its
// length in front, so that no two entries are the same bytes.
func link(before []byte, seq int64, a *model.Audit) []byte {
	h := sha256.New()
	put := func(field []byte) {
		_ = binary.Write(h, binary.BigEndian, uint64(len(field)))
		h.Write(field)
	}
	put(before)
	_ = binary.Write(h, binary.BigEndian, seq)
	_ = binary.Write(h, binary.BigEndian, int64(a.Time))
	for _, field := range []string{a.Project, a.ID, a.Event, a.Resource, a.ActorType, a.ActorID, a.ActorName, a.ActorMail, a.Mode, a.IP,
		a.UserAgent, a.Country, a.Personal} {
		put([]byte(field))
	}
	if a.Details != "" { // entries without are hashed as they were before there were any
		put([]byte(a.Details))
	}
	return h.Sum(nil)
}

// statement is what a checkpoint signs.
func statement(project string, c *store.AuditCheckpoint) []byte {
	text := []byte("latchkey audit checkpoint 1\x00" + project + "\x00")
	text = binary.BigEndian.AppendUint64(text, uint64(c.Seq))
	text = binary.BigEndian.AppendUint64(text, uint64(c.Time))
	return append(text, c.Hash...)
}

// sign signs a checkpoint.
func sign(keys *secret.KeyRing, project string, c *store.AuditCheckpoint) {
	c.Signature = ed25519.Sign(ed25519.NewKeyFromSeed(keys.Derive(checkpointPurpose, "")), statement(project, c))
}

// signed says whether a checkpoint was signed by this server, with its present master key or an older one.
func signed(keys *secret.KeyRing, project string, c *store.AuditCheckpoint) bool {
	for _, seed := range keys.DeriveAll(checkpointPurpose, "") {
		public, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
		if ed25519.Verify(public, statement(project, c), c.Signature) {
			return true
		}
	}
	return false
}
