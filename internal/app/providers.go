package app

import (
	"context"

	"latchkey/internal/admin"
	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/oauth"
	"latchkey/internal/store"
)

// providers finds sign-in providers as projects have set them up.
func providers(client *oauth.Client, projects *admin.Projects) auth.Providers {
	return func(ctx context.Context, project, id string) (*oauth.App, error) {
		if client == nil {
			return nil, fault.ProjectProviderDisabled
		}
		row := client.Find(id)
		switch {
		case row == nil:
			return nil, fault.ArgumentInvalid.Say("Invalid `provider` param: Value must be the id of a sign-in provider.")
		case row.Refused != "":
			return nil, fault.ProjectProviderUnsupported.Say(row.Name + " is not supported: " + row.Refused + ".")
		}
		set, err := projects.Document(ctx, project, store.KindOAuth2, id)
		if err != nil {
			return nil, err
		}
		if set == nil && row.TestOnly {
			set = &admin.Document{ID: id} // needs no settings
		}
		if set == nil || !set.Enabled() {
			return nil, fault.ProjectProviderDisabled
		}
		app, err := client.Configure(row, set.Body, set.Secrets)
		if err != nil {
			return nil, fault.ProjectProviderDisabled.Say(row.Name + " is not fully set up: " + err.Error() + ".").Because(err)
		}
		return app, nil
	}
}
