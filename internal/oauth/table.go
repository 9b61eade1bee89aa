package oauth

//latchkey:table

import (
	"maps"
	"slices"
)

// facebookVersion is the one place that names a version of the Graph API. Meta keeps each for about two years.
const facebookVersion = "v25.0"

// notionVersion is the version of Notion's API that answers are read by.
const notionVersion = "2022-06-28"

var openID = []string{"openid", "profile", "email"}

// standard is the profile of OpenID Connect Core, 5.1.
func standard(p Provider) Provider {
	p.UserID, p.User = "sub", "name"
	p.Address = Claimed("email", "email_verified")
	return p
}

// own is standard for a server that the project names itself, and whose word it may refuse.
func own(p Provider) Provider {
	p = standard(p)
	p.Trust = TrustOperator
	p.Fields = append(p.Fields, trustField)
	return p
}

var trustField = Field{Name: "trustEmail", Kind: KindChoice, Options: []string{"claim", "never"}, Optional: true, Default: "claim",
	About: "`never` if anybody can give themselves an address on that server: then no address of it counts as verified."}

// client is the pair of settings that nearly every provider has.
func client(id, secret string, more ...Field) []Field {
	return append([]Field{{Name: id, About: "The id the provider gave the app."}, {Name: secret, Kind: KindSecret, About: "The secret the provider gave the app."}}, more...)
}

func usual(more ...Field) []Field { return client("clientId", "clientSecret", more...) }

func endpoint(about string) Field { return Field{Name: "endpoint", Kind: KindServer, About: about} }

var nativeIDs = Field{Name: "nativeClientIds", Optional: true,
	About: "Client ids of native apps whose id tokens are taken, separated by blanks or commas: bundle ids, or the ids of the mobile clients."}

var rows = []Provider{
	{ID: "amazon", Name: "Amazon", Site: "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html", Fields: usual(),
		Authorize: "https://www.amazon.com/ap/oa", Token: "https://api.amazon.com/auth/o2/token", UserInfo: "https://api.amazon.com/user/profile",
		Scopes: []string{"profile"}, PKCE: true, UserID: "user_id", User: "name", Address: bare("email")},

	{ID: "apple", Name: "Apple", Site: "https://developer.apple.com/account/resources/identifiers/list/serviceId",
		Notes: "The p8 file is the private key of Sign in with Apple. The name comes with the first consent alone. Relay addresses are valid, and differ for every developer team.",
		Fields: []Field{{Name: "serviceId", About: "The identifier of the Services ID."}, {Name: "keyId", Kind: KindWord, About: "The id of the key, 10 characters."},
			{Name: "teamId", Kind: KindWord, About: "The id of the developer team, 10 characters."}, {Name: "p8File", Kind: KindKey, About: "The text of the .p8 file."}, nativeIDs},
		Authorize: "https://appleid.apple.com/auth/authorize", Token: "https://appleid.apple.com/auth/token", Issuer: "https://appleid.apple.com",
		Issuers: []string{"https://account.apple.com"}, Scopes: []string{"name", "email"}, Params: map[string]string{"response_mode": "form_post"},
		UserID: "sub", Address: Claimed("email", "email_verified"), Trust: TrustStrong, hooks: hooks{secret: appleSecret, name: appleName}},

	standard(Provider{ID: "appwrite", Name: "Appwrite", Site: "https://cloud.appwrite.io/console", Fields: usual(),
		Authorize: "https://cloud.appwrite.io/v1/oauth2/console/authorize", Token: "https://cloud.appwrite.io/v1/oauth2/console/token",
		UserInfo: "https://cloud.appwrite.io/v1/oauth2/console/userinfo", Scopes: openID, PKCE: true, Trust: TrustStrong}),

	own(Provider{ID: "auth0", Name: "Auth0", Site: "https://manage.auth0.com/", Fields: usual(endpoint("The tenant's domain, such as example.us.auth0.com.")),
		Authorize: "{endpoint}/authorize", Token: "{endpoint}/oauth/token", UserInfo: "{endpoint}/userinfo", Issuer: "{endpoint}/",
		Scopes: []string{"openid", "profile", "email", "offline_access"}, PKCE: true}),

	own(Provider{ID: "authentik", Name: "Authentik", Site: "https://docs.goauthentik.io/add-secure-apps/providers/oauth2/",
		Notes:  "Since 2025.10 its default mapping says that no address is verified: logins then make accounts of their own and join none, until the mapping is changed.",
		Fields: usual(endpoint("The server's host name or URL.")), Authorize: "{endpoint}/application/o/authorize/", Token: "{endpoint}/application/o/token/",
		UserInfo: "{endpoint}/application/o/userinfo/", Scopes: []string{"openid", "profile", "email", "offline_access"}, PKCE: true}),

	standard(Provider{ID: "autodesk", Name: "Autodesk", Site: "https://aps.autodesk.com/myapps/", Fields: usual(),
		Authorize: "https://developer.api.autodesk.com/authentication/v2/authorize", Token: "https://developer.api.autodesk.com/authentication/v2/token",
		UserInfo: "https://developer.api.autodesk.com/userinfo", Issuer: "https://developer.api.autodesk.com",
		Scopes: []string{"openid", "user-profile:read"}, Client: ClientBasic, PKCE: true, Trust: TrustStrong}),

	{ID: "bitbucket", Name: "Bitbucket", Site: "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
		Notes: "The callback is registered with the consumer, which needs the permissions account and email.", Fields: client("key", "secret"),
		Authorize: "https://bitbucket.org/site/oauth2/authorize", Token: "https://bitbucket.org/site/oauth2/access_token",
		UserInfo: "https://api.bitbucket.org/2.0/user", Also: map[string]string{"emails": "https://api.bitbucket.org/2.0/user/emails"},
		Scopes: []string{"account", "email"}, Client: ClientBasic, NoRedirect: true, UserID: "uuid", User: "display_name",
		Address: listed("emails.values", "email", "is_confirmed", "is_primary", ""), Trust: TrustStrong},

	{ID: "bitly", Name: "Bitly", Site: "https://app.bitly.com/settings/api/", Notes: "Bitly names people by their login: whoever renames theirs is somebody new here.",
		Fields: usual(), Authorize: "https://bitly.com/oauth/authorize", Token: "https://api-ssl.bitly.com/oauth/access_token", NoRefresh: true,
		UserInfo: "https://api-ssl.bitly.com/v4/user", FixedScopes: true, UserID: "login", User: "name",
		Address: listed("emails", "email", "is_verified", "is_primary", ""), Trust: TrustStrong},

	{ID: "box", Name: "Box", Site: "https://app.box.com/developers/console", Fields: usual(),
		Authorize: "https://account.box.com/api/oauth2/authorize", Token: "https://api.box.com/oauth2/token", UserInfo: "https://api.box.com/2.0/users/me",
		UserID: "id", User: "name", Address: bare("login")},

	{ID: "cloudflare", Name: "Cloudflare", Site: "https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/",
		Notes:  "The client's token authentication method is client_secret_basic, and it needs the scope user-details.read.",
		Fields: usual(), Authorize: "https://dash.cloudflare.com/oauth2/auth", Token: "https://dash.cloudflare.com/oauth2/token",
		UserInfo: "https://api.cloudflare.com/client/v4/user", Scopes: []string{"user-details.read"}, Client: ClientBasic, PKCE: true,
		UserID: "result.id", User: "result.first_name+result.last_name", Address: bare("result.email")},

	{ID: "dailymotion", Name: "Dailymotion", Site: "https://www.dailymotion.com/settings/developer", Fields: client("apiKey", "apiSecret"),
		Authorize: "https://api.dailymotion.com/oauth/authorize", Token: "https://api.dailymotion.com/oauth/token",
		UserInfo: "https://api.dailymotion.com/user/me?fields=email,id,fullname,verified", Scopes: []string{"userinfo", "email"},
		UserID: "id", User: "fullname", Address: Claimed("email", "verified"), Trust: TrustWeak},

	{ID: "discord", Name: "Discord", Site: "https://discord.com/developers/applications", Fields: usual(),
		Authorize: "https://discord.com/oauth2/authorize", Token: "https://discord.com/api/oauth2/token", UserInfo: "https://discord.com/api/users/@me",
		Scopes: []string{"identify", "email"}, UserID: "id", User: "global_name|username", Address: Claimed("email", "verified"), Trust: TrustStrong},

	{ID: "disqus", Name: "Disqus", Site: "https://disqus.com/api/applications/", Fields: client("publicKey", "secretKey"),
		Authorize: "https://disqus.com/api/oauth/2.0/authorize/", Token: "https://disqus.com/api/oauth/2.0/access_token/",
		UserInfo: "https://disqus.com/api/3.0/users/details.json?access_token={access}&api_key={client}&api_secret={secret}",
		Scopes:   []string{"read", "email"}, Separator: ",", UserID: "response.id", User: "response.name", Address: bare("response.email")},

	{ID: "dropbox", Name: "Dropbox", Site: "https://www.dropbox.com/developers/apps", Notes: "The app needs the permission account_info.read.",
		Fields: client("appKey", "appSecret"), Authorize: "https://www.dropbox.com/oauth2/authorize", Token: "https://api.dropboxapi.com/oauth2/token",
		UserInfo: "https://api.dropboxapi.com/2/users/get_current_account", InfoMethod: "POST", Scopes: []string{"account_info.read"},
		Params: map[string]string{"token_access_type": "offline"}, PKCE: true, UserID: "account_id", User: "name.display_name",
		Address: Claimed("email", "email_verified"), Trust: TrustStrong},

	{ID: "etsy", Name: "Etsy", Site: "https://www.etsy.com/developers/your-apps", Notes: "Etsy takes callbacks over https alone.",
		Fields: client("keyString", "sharedSecret"), Authorize: "https://www.etsy.com/oauth/connect", Token: "https://api.etsy.com/v3/public/oauth/token",
		UserInfo: "https://api.etsy.com/v3/application/users/{owner}", InfoHeaders: map[string]string{"X-Api-Key": "{client}:{secret}"},
		Scopes: []string{"email_r", "profile_r"}, PKCE: true, Client: ClientPublic, UserID: "user_id", User: "first_name+last_name",
		Address: bare("primary_email"), hooks: hooks{holes: etsyOwner}},

	{ID: "facebook", Name: "Facebook", Site: "https://developers.facebook.com/apps/", Fields: client("appId", "appSecret"),
		Authorize: "https://www.facebook.com/" + facebookVersion + "/dialog/oauth", Token: "https://graph.facebook.com/" + facebookVersion + "/oauth/access_token", NoRefresh: true,
		UserInfo: "https://graph.facebook.com/" + facebookVersion + "/me?fields=id,name,email&appsecret_proof={proof}",
		Scopes:   []string{"email", "public_profile"}, Separator: ",", PKCE: true, UserID: "id", User: "name", Address: bare("email"), hooks: hooks{holes: facebookProof}},

	{ID: "figma", Name: "Figma", Site: "https://www.figma.com/developers/apps", Fields: usual(), Authorize: "https://www.figma.com/oauth",
		Token: "https://api.figma.com/v1/oauth/token", RefreshAt: "https://api.figma.com/v1/oauth/refresh", UserInfo: "https://api.figma.com/v1/me",
		Scopes: []string{"current_user:read"}, Client: ClientBasic, PKCE: true, UserID: "id", User: "handle", Address: bare("email")},

	own(Provider{ID: "fusionauth", Name: "FusionAuth", Site: "https://fusionauth.io/docs/get-started/core-concepts/applications",
		Fields:    usual(endpoint("The server's host name or URL."), Field{Name: "tenantId", Kind: KindWord, Optional: true, About: "The tenant's id, if the server has several."}),
		Authorize: "{endpoint}/oauth2/authorize", Token: "{endpoint}/oauth2/token", UserInfo: "{endpoint}/oauth2/userinfo",
		Scopes: []string{"openid", "profile", "email", "offline_access"}, PKCE: true}),

	{ID: "gitea", Name: "Gitea", Site: "https://docs.gitea.com/development/oauth2-provider", Fields: usual(endpoint("The server's host name or URL."), trustField),
		Authorize: "{endpoint}/login/oauth/authorize", Token: "{endpoint}/login/oauth/access_token", UserInfo: "{endpoint}/api/v1/user",
		Also: map[string]string{"emails": "{endpoint}/api/v1/user/emails"}, InfoScheme: "token", Scopes: []string{"read:user"}, PKCE: true,
		UserID: "id", User: "full_name|login", Address: listed("emails", "email", "verified", "primary", "email"), Trust: TrustOperator},

	{ID: "github", Name: "GitHub", Site: "https://github.com/settings/developers", Fields: usual(),
		Authorize: "https://github.com/login/oauth/authorize", Token: "https://github.com/login/oauth/access_token", UserInfo: "https://api.github.com/user",
		Also: map[string]string{"emails": "https://api.github.com/user/emails"}, InfoHeaders: map[string]string{"Accept": "application/vnd.github+json"},
		Scopes: []string{"user:email"}, PKCE: true, UserID: "id", User: "name|login",
		Address: listed("emails", "email", "verified", "primary", "email"), Trust: TrustStrong},

	{ID: "gitlab", Name: "GitLab", Site: "https://gitlab.com/-/user_settings/applications", Notes: "The application needs the scope read_user.",
		Fields:    client("applicationId", "secret", Field{Name: "endpoint", Kind: KindServer, Default: "https://gitlab.com", Optional: true, About: "A server of your own; without it gitlab.com."}, trustField),
		Authorize: "{endpoint}/oauth/authorize", Token: "{endpoint}/oauth/token", UserInfo: "{endpoint}/api/v4/user", Scopes: []string{"read_user"}, PKCE: true,
		UserID: "id", User: "name", Address: proven("email", "confirmed_at"), Trust: TrustOperator},

	standard(Provider{ID: "google", Name: "Google", Site: "https://console.cloud.google.com/apis/credentials",
		Fields: usual(Field{Name: "prompt", Kind: KindList, Options: []string{"none", "consent", "select_account"}, Optional: true,
			About: "What Google asks at each sign-in; without it `consent`, so that a refresh token comes."}, nativeIDs),
		Authorize: "https://accounts.google.com/o/oauth2/v2/auth", Token: "https://oauth2.googleapis.com/token", Issuer: "https://accounts.google.com",
		Scopes: []string{"https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile", "openid"},
		Params: map[string]string{"access_type": "offline", "prompt": "consent"}, Prompt: true, PKCE: true, Trust: TrustStrong}),

	standard(Provider{ID: "huggingface", Name: "Hugging Face", Site: "https://huggingface.co/settings/applications/new", Fields: usual(),
		Authorize: "https://huggingface.co/oauth/authorize", Token: "https://huggingface.co/oauth/token", UserInfo: "https://huggingface.co/oauth/userinfo",
		Issuer: "https://huggingface.co", Scopes: openID, Client: ClientBoth, PKCE: true, Trust: TrustStrong}),

	{ID: "kakao", Name: "Kakao", Site: "https://developers.kakao.com/console/app", Notes: "Kakao gives no address by default: switch the consent item account_email on and pass its scope.",
		Fields: usual(), Authorize: "https://kauth.kakao.com/oauth/authorize", Token: "https://kauth.kakao.com/oauth/token", UserInfo: "https://kapi.kakao.com/v2/user/me",
		Separator: ",", UserID: "id", User: "kakao_account.profile.nickname|properties.nickname", Address: kakaoAddress, Trust: TrustStrong},

	own(Provider{ID: "keycloak", Name: "Keycloak", Site: "https://www.keycloak.org/docs/latest/server_admin/#_oidc_clients",
		Fields:    usual(endpoint("The server's host name or URL, with its path if it has one, such as /auth."), Field{Name: "realmName", Kind: KindWord, About: "The realm."}),
		Authorize: "{endpoint}/realms/{realmName}/protocol/openid-connect/auth", Token: "{endpoint}/realms/{realmName}/protocol/openid-connect/token",
		UserInfo: "{endpoint}/realms/{realmName}/protocol/openid-connect/userinfo", Issuer: "{endpoint}/realms/{realmName}", Scopes: openID, PKCE: true}),

	{ID: "kick", Name: "Kick", Site: "https://kick.com/settings/developer", Fields: usual(), Authorize: "https://id.kick.com/oauth/authorize",
		Token: "https://id.kick.com/oauth/token", UserInfo: "https://api.kick.com/public/v1/users", Scopes: []string{"user:read"}, PKCE: true,
		UserID: "data[0].user_id", User: "data[0].name", Address: bare("data[0].email")},

	{ID: "linkedin", Name: "LinkedIn", Site: "https://www.linkedin.com/developers/apps", Notes: "The app needs the product Sign In with LinkedIn using OpenID Connect.",
		Fields: client("clientId", "primaryClientSecret"), Authorize: "https://www.linkedin.com/oauth/v2/authorization", Token: "https://www.linkedin.com/oauth/v2/accessToken",
		UserInfo: "https://api.linkedin.com/v2/userinfo", Scopes: openID, UserID: "sub", User: "name|given_name+family_name",
		Address: Claimed("email", "email_verified"), Trust: TrustStrong},

	{ID: "microsoft", Name: "Microsoft", Site: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
		Notes: "Add the optional claim xms_edov to the app's id tokens. Without it addresses of work and school accounts count as unverified: an administrator can put any address there.",
		Fields: client("applicationId", "applicationSecret", Field{Name: "tenant", Kind: KindWord, Default: "common", Optional: true,
			About: "common, organizations, consumers, or the tenant's id."}),
		Authorize: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", Token: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
		UserInfo: "https://graph.microsoft.com/v1.0/me", Issuer: "https://login.microsoftonline.com/{tenant}/v2.0",
		Scopes: []string{"openid", "profile", "email", "offline_access", "User.Read"}, Params: map[string]string{"response_mode": "query"}, PKCE: true,
		UserID: "id", User: "displayName", Trust: TrustStrong, hooks: hooks{decide: microsoftAddress, issuer: microsoftIssuer, settings: microsoftTenant}},

	{ID: "notion", Name: "Notion", Site: "https://www.notion.so/profile/integrations", Notes: "A public integration, with the capability to read user information including email addresses.",
		Fields: client("oauthClientId", "oauthClientSecret"), Authorize: "https://api.notion.com/v1/oauth/authorize", Token: "https://api.notion.com/v1/oauth/token",
		FixedScopes: true, Params: map[string]string{"owner": "user"}, Client: ClientBasic, TokenHeaders: map[string]string{"Notion-Version": notionVersion},
		InfoInAnswer: true, UserID: "owner.user.id", User: "owner.user.name", Address: bare("owner.user.person.email")},

	own(Provider{ID: "oidc", Name: "OpenID Connect", Site: "https://openid.net/developers/how-connect-works/",
		Notes: "With the address of the discovery document id tokens are verified. With the three URLs alone there is nothing to verify them with, and the profile is all that is read.",
		Fields: usual(Field{Name: "wellKnownURL", Kind: KindURL, Optional: true, About: "The discovery document, ending in /.well-known/openid-configuration."},
			Field{Name: "authorizationURL", Kind: KindURL, Optional: true, About: "The authorization endpoint, if there is no discovery document."},
			Field{Name: "tokenURL", Kind: KindURL, Optional: true, About: "The token endpoint, if there is no discovery document."},
			Field{Name: "userInfoURL", Kind: KindURL, Optional: true, About: "The userinfo endpoint, if there is no discovery document."},
			Field{Name: "prompt", Kind: KindList, Options: []string{"none", "login", "consent", "select_account"}, Optional: true, About: "What the provider asks at each sign-in."},
			Field{Name: "maxAge", Kind: KindNumber, Optional: true, About: "How many seconds the person's sign-in at the provider may lie back."}, nativeIDs),
		Authorize: "{authorizationURL}", Token: "{tokenURL}", UserInfo: "{userInfoURL}", Discover: true, Client: ClientByOffer,
		Scopes: openID, Prompt: true, PKCE: true, hooks: hooks{settings: oidcURLs}}),

	own(Provider{ID: "okta", Name: "Okta", Site: "https://developer.okta.com/docs/guides/implement-grant-type/authcode/main/",
		Fields: usual(Field{Name: "domain", Kind: KindServer, About: "The organization's domain, such as example.okta.com."},
			Field{Name: "authorizationServerId", Kind: KindWord, Default: "default", Optional: true, About: "The authorization server's id; `org` for the organization's own server."}),
		Authorize: "{server}/v1/authorize", Token: "{server}/v1/token", UserInfo: "{server}/v1/userinfo", Issuer: "{issuer}",
		Scopes: []string{"openid", "profile", "email", "offline_access"}, PKCE: true, hooks: hooks{settings: oktaServer}}),

	paypal("paypal", "PayPal", "https://www.paypal.com", "https://api-m.paypal.com", false),
	paypal("paypalSandbox", "PayPal Sandbox", "https://www.sandbox.paypal.com", "https://api-m.sandbox.paypal.com", true),

	{ID: "podio", Name: "Podio", Site: "https://podio.com/settings/api", Fields: usual(), Authorize: "https://podio.com/oauth/authorize",
		Token: "https://api.podio.com/oauth/token/v2", UserInfo: "https://api.podio.com/user", Also: map[string]string{"profile": "https://api.podio.com/user/profile"},
		FixedScopes: true, TokenJSON: true, InfoScheme: "OAuth2", UserID: "user_id", User: "profile.name", Address: podioAddress, Trust: TrustStrong},

	{ID: "resend", Name: "Resend", Refused: "its documents do not say which claim of its access token names the account, and it has no profile to ask"},

	{ID: "salesforce", Name: "Salesforce", Site: "https://help.salesforce.com/s/articleView?id=xcloud.connected_app_create.htm",
		Fields: client("customerKey", "customerSecret", Field{Name: "endpoint", Kind: KindServer, Default: "https://login.salesforce.com", Optional: true,
			About: "My Domain, or test.salesforce.com; without it login.salesforce.com."}),
		Authorize: "{endpoint}/services/oauth2/authorize", Token: "{endpoint}/services/oauth2/token", UserInfo: "{endpoint}/services/oauth2/userinfo",
		Scopes: []string{"openid", "email", "profile"}, Client: ClientBasic, PKCE: true, UserID: "user_id", User: "name",
		Address: Claimed("email", "email_verified"), Trust: TrustWeak},

	standard(Provider{ID: "slack", Name: "Slack", Site: "https://api.slack.com/apps", Notes: "Slack takes callbacks over https alone. A person has another id in every workspace.",
		Fields: usual(), Authorize: "https://slack.com/openid/connect/authorize", Token: "https://slack.com/api/openid.connect.token",
		UserInfo: "https://slack.com/api/openid.connect.userInfo", Issuer: "https://slack.com", Scopes: openID, PKCE: true, Trust: TrustStrong}),

	{ID: "spotify", Name: "Spotify", Site: "https://developer.spotify.com/dashboard", Notes: "Spotify refuses the name localhost: on a developer's machine the callback is registered with 127.0.0.1.",
		Fields: usual(), Authorize: "https://accounts.spotify.com/authorize", Token: "https://accounts.spotify.com/api/token", UserInfo: "https://api.spotify.com/v1/me",
		Scopes: []string{"user-read-email"}, Client: ClientBasic, LoopbackIP: true, PKCE: true, UserID: "id", User: "display_name", Address: bare("email")},

	{ID: "stripe", Name: "Stripe", Site: "https://dashboard.stripe.com/settings/connect", Notes: "This is Stripe Connect: whoever signs in hands their whole Stripe account to the app (scope read_write).",
		Fields: client("clientId", "apiSecretKey"), Authorize: "https://connect.stripe.com/oauth/authorize", Token: "https://connect.stripe.com/oauth/token",
		UserInfo: "https://api.stripe.com/v1/accounts/{account}", Scopes: []string{"read_write"}, Client: ClientSecret, UserID: "id",
		User: "business_profile.name|settings.dashboard.display_name", Address: bare("email"), hooks: hooks{holes: stripeAccount}},

	{ID: "tiktok", Name: "TikTok", Site: "https://developers.tiktok.com/apps/", Notes: "TikTok gives no address: switch the policy trust-email.optional on.", Fields: usual(),
		Authorize: "https://www.tiktok.com/v2/auth/authorize/", Token: "https://open.tiktokapis.com/v2/oauth/token/",
		UserInfo: "https://open.tiktokapis.com/v2/user/info/?fields=open_id,union_id,display_name,avatar_url", Scopes: []string{"user.info.basic"}, Separator: ",",
		ClientParam: "client_key", PKCE: true, UserID: "data.user.open_id", User: "data.user.display_name"},

	tradeshift("tradeshift", "Tradeshift", "https://api.tradeshift.com", false),
	tradeshift("tradeshiftBox", "Tradeshift Sandbox", "https://api-sandbox.tradeshift.com", true),

	{ID: "twitch", Name: "Twitch", Site: "https://dev.twitch.tv/console/apps", Fields: usual(), Authorize: "https://id.twitch.tv/oauth2/authorize",
		Token: "https://id.twitch.tv/oauth2/token", UserInfo: "https://id.twitch.tv/oauth2/userinfo", InfoHeaders: map[string]string{"Client-Id": "{client}"},
		Issuer: "https://id.twitch.tv/oauth2", Scopes: []string{"user:read:email", "openid"},
		Params: map[string]string{"claims": `{"userinfo":{"email":null,"email_verified":null,"preferred_username":null}}`, "force_verify": "true"},
		UserID: "sub", User: "preferred_username", Address: Claimed("email", "email_verified"), Trust: TrustStrong},

	{ID: "wordpress", Name: "WordPress", Site: "https://developer.wordpress.com/apps/", Fields: usual(), Authorize: "https://public-api.wordpress.com/oauth2/authorize",
		Token: "https://public-api.wordpress.com/oauth2/token", NoRefresh: true, UserInfo: "https://public-api.wordpress.com/rest/v1.1/me", Scopes: []string{"auth"}, PKCE: true,
		UserID: "ID", User: "display_name|username", Address: Claimed("email", "email_verified"), Trust: TrustStrong},

	{ID: "x", Name: "X", Site: "https://developer.x.com/en/portal/dashboard", Notes: "The app must ask for the email address in its settings.",
		Fields: client("customerKey", "secretKey"), Authorize: "https://x.com/i/oauth2/authorize", Token: "https://api.x.com/2/oauth2/token",
		UserInfo: "https://api.x.com/2/users/me?user.fields=confirmed_email", Scopes: []string{"tweet.read", "users.read", "users.email", "offline.access"},
		Client: ClientBoth, PKCE: true, UserID: "data.id", User: "data.name", Address: proven("data.confirmed_email", "data.confirmed_email"), Trust: TrustStrong},

	standard(Provider{ID: "yahoo", Name: "Yahoo", Site: "https://developer.yahoo.com/apps/", Fields: usual(), Authorize: "https://api.login.yahoo.com/oauth2/request_auth",
		Token: "https://api.login.yahoo.com/oauth2/get_token", UserInfo: "https://api.login.yahoo.com/openid/v1/userinfo", Issuer: "https://api.login.yahoo.com",
		Scopes: openID, Client: ClientBasic, PKCE: true, Trust: TrustStrong}),

	{ID: "yammer", Name: "Yammer", Site: "https://www.yammer.com/client_applications", Legacy: true, Notes: "Yammer is being retired in favour of Microsoft Entra: use microsoft.",
		Fields: usual(), Authorize: "https://www.yammer.com/oauth2/authorize", Token: "https://www.yammer.com/oauth2/access_token",
		UserInfo: "https://www.yammer.com/api/v1/users/current.json", FixedScopes: true, NoRefresh: true, UserID: "id", User: "full_name", Address: bare("email")},

	{ID: "yandex", Name: "Yandex", Site: "https://oauth.yandex.com/", Fields: usual(), Authorize: "https://oauth.yandex.com/authorize", Token: "https://oauth.yandex.com/token",
		UserInfo: "https://login.yandex.ru/info?format=json", InfoScheme: "OAuth", Scopes: []string{"login:email", "login:info"}, Client: ClientBasic, OnceRedirect: true, PKCE: true,
		UserID: "id", User: "display_name|real_name|login", Address: bare("default_email")},

	{ID: "zoho", Name: "Zoho", Site: "https://api-console.zoho.com/", Notes: "Switch multi-DC on for the client, so that people of every data centre can sign in.",
		Fields: usual(Field{Name: "endpoint", Kind: KindChoice, Options: zohoCentres, Default: zohoCentres[0], Optional: true,
			About: "The data centre where the client is registered. Sign-ins follow the person's own; tokens are renewed here."}),
		Authorize: "{home}/oauth/v2/auth", Token: "{home}/oauth/v2/token", Issuer: "{home}", Scopes: openID,
		Params: map[string]string{"access_type": "offline", "prompt": "consent"}, PKCE: true, UserID: "sub", User: "name|first_name+last_name",
		Address: Claimed("email", "email_verified"), Trust: TrustStrong, hooks: hooks{tokenURL: zohoToken, issuer: zohoIssuer, settings: zohoHome}},

	{ID: "zoom", Name: "Zoom", Site: "https://marketplace.zoom.us/develop/create", Fields: usual(), Authorize: "https://zoom.us/oauth/authorize", Token: "https://zoom.us/oauth/token",
		UserInfo: "https://api.zoom.us/v2/users/me", Scopes: []string{"user:read:user"}, Client: ClientBasic, PKCE: true, UserID: "id", User: "first_name+last_name",
		Address: zoomAddress, Trust: TrustWeak},
}

// paypal makes a row of one of PayPal's worlds. Accounts of the sandbox are free to invent.
func paypal(id, name, web, api string, sandbox bool) Provider {
	p := Provider{ID: id, Name: name, Site: "https://developer.paypal.com/dashboard/applications", Sandbox: sandbox,
		Notes:  "The app needs Log in with PayPal, with the attributes of name, email address and PayPal account id.",
		Fields: client("clientId", "secretKey"), Authorize: web + "/signin/authorize", Token: api + "/v1/oauth2/token",
		UserInfo: api + "/v1/identity/oauth2/userinfo?schema=paypalv1.1", InfoHeaders: map[string]string{"Content-Type": "application/json"},
		Scopes: []string{"openid", "profile", "email", "https://uri.paypal.com/services/paypalattributes"}, Params: map[string]string{"flowEntry": "static"},
		Client: ClientBasic, OnceRedirect: true, LoopbackIP: true, UserID: "payer_id|user_id", User: "name", Address: paypalAddress, Trust: TrustWeak}
	if sandbox {
		p.Trust = TrustNever
	}
	return p
}

// tradeshift makes a row of one of Tradeshift's worlds.
func tradeshift(id, name, api string, sandbox bool) Provider {
	return Provider{ID: id, Name: name, Site: "https://developers.tradeshift.com/docs/api", Sandbox: sandbox, Fields: client("oauth2ClientId", "oauth2ClientSecret"),
		Authorize: api + "/tradeshift/auth/login", Token: api + "/tradeshift/auth/token", UserInfo: api + "/tradeshift/rest/external/account/info/user",
		InfoHeaders: map[string]string{"Content-Type": "application/json"}, Scopes: []string{"openid", "offline"}, Client: ClientBasic,
		OnceRedirect: true, LoopbackIP: true, UserID: "Id", User: "FirstName+LastName", Address: bare("Username")}
}

var byID = func() map[string]*Provider {
	index := map[string]*Provider{}
	for i := range rows {
		index[rows[i].ID] = &rows[i]
	}
	return index
}()

// Find returns a row by its id, which is compared with case; nil for none.
func Find(id string) *Provider { return byID[id] }

// IDs lists the ids of all rows in alphabetical order, those of refused providers too.
func IDs() []string { return slices.Sorted(maps.Keys(byID)) }
