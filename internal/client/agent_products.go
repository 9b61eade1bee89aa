package client

// program is how a product is shown. The weight decides between several products in one agent: what is
// built on something else outweighs it (Edge says Chrome, Chrome says Safari).
type program struct {
	kind, code, name string
	weight           int
}

const (
	browser  = "browser"
	library  = "library"
	app      = "mobile app"
	mail     = "pim"
	player   = "media player"
	newsfeed = "feed reader"
)

// Weights: a library loses against every browser, the engines' own browsers against those built on them,
// browsers against apps with a built-in one.
const (
	weakLibrary = iota + 1
	isLibrary
	isSafari
	isChrome
	isBrowser
	isApp
)

// programs are the products that name a program, by their name in lower case.
var programs = map[string]program{
	"chrome":          {browser, "CH", "Chrome", isChrome},
	"chromium":        {browser, "CR", "Chromium", isBrowser},
	"headlesschrome":  {browser, "HC", "Headless Chrome", isBrowser},
	"crios":           {browser, "CI", "Chrome Mobile iOS", isBrowser},
	"safari":          {browser, "SF", "Safari", isSafari},
	"firefox":         {browser, "FF", "Firefox", isChrome},
	"fxios":           {browser, "F1", "Firefox Mobile iOS", isBrowser},
	"focus":           {browser, "FK", "Firefox Focus", isBrowser},
	"klar":            {browser, "1F", "Firefox Klar", isBrowser},
	"edg":             {browser, "PS", "Microsoft Edge", isBrowser},
	"edge":            {browser, "PS", "Microsoft Edge", isBrowser},
	"edga":            {browser, "PS", "Microsoft Edge", isBrowser},
	"edgios":          {browser, "PS", "Microsoft Edge", isBrowser},
	"opr":             {browser, "OP", "Opera", isBrowser},
	"opera":           {browser, "OP", "Opera", isBrowser},
	"opios":           {browser, "O1", "Opera Mini iOS", isBrowser},
	"opt":             {browser, "OO", "Opera Touch", isBrowser},
	"opx":             {browser, "OX", "Opera GX", isBrowser},
	"vivaldi":         {browser, "VI", "Vivaldi", isBrowser},
	"yabrowser":       {browser, "YA", "Yandex Browser", isBrowser},
	"brave":           {browser, "BR", "Brave", isBrowser},
	"duckduckgo":      {browser, "DD", "DuckDuckGo Privacy Browser", isBrowser},
	"ddg":             {browser, "DD", "DuckDuckGo Privacy Browser", isBrowser},
	"ucbrowser":       {browser, "UC", "UC Browser", isBrowser},
	"mqqbrowser":      {browser, "QQ", "QQ Browser", isBrowser},
	"qqbrowser":       {browser, "QQ", "QQ Browser", isBrowser},
	"samsungbrowser":  {browser, "SB", "Samsung Browser", isBrowser},
	"miuibrowser":     {browser, "MU", "Mi Browser", isBrowser},
	"huaweibrowser":   {browser, "HU", "Huawei Browser Mobile", isBrowser},
	"heytapbrowser":   {browser, "H8", "HeyTapBrowser", isBrowser},
	"whale":           {browser, "WH", "Whale Browser", isBrowser},
	"coc_coc_browser": {browser, "CC", "Coc Coc", isBrowser},
	"silk":            {browser, "MS", "Mobile Silk", isBrowser},
	"epiphany":        {browser, "EP", "GNOME Web", isBrowser},
	"falkon":          {browser, "FA", "Falkon", isBrowser},
	"konqueror":       {browser, "KO", "Konqueror", isBrowser},
	"iridium":         {browser, "I1", "Iridium", isBrowser},
	"palemoon":        {browser, "PM", "Pale Moon", isBrowser},
	"waterfox":        {browser, "WF", "Waterfox", isBrowser},
	"seamonkey":       {browser, "SM", "SeaMonkey", isBrowser},
	"oculusbrowser":   {browser, "OC", "Oculus Browser", isBrowser},
	"nintendobrowser": {browser, "3N", "Nintendo Browser", isBrowser},
	"avast":           {browser, "AS", "Avast Secure Browser", isBrowser},
	"avg":             {browser, "VG", "AVG Secure Browser", isBrowser},
	"maxthon":         {browser, "MX", "Maxthon", isBrowser},
	"alohabrowser":    {browser, "AL", "Aloha Browser", isBrowser},
	"lynx":            {browser, "LX", "Lynx", isBrowser},

	"electron":       {app, "", "Electron", isApp},
	"instagram":      {app, "", "Instagram", isApp},
	"micromessenger": {app, "", "WeChat", isApp},
	"line":           {app, "", "Line", isApp},
	"gsa":            {app, "", "Google Search App", isApp},
	"slack":          {app, "", "Slack", isApp + 1},
	"slack_ssb":      {app, "", "Slack", isApp + 1},
	"discord":        {app, "", "Discord", isApp + 1},
	"teams":          {app, "", "Microsoft Teams", isApp + 1},
	"whatsapp":       {app, "", "WhatsApp", isApp},
	"snapchat":       {app, "", "Snapchat", isApp},
	"linkedinapp":    {app, "", "LinkedIn", isApp},
	"unityplayer":    {app, "", "UnityPlayer", isApp},

	"thunderbird": {mail, "", "Thunderbird", isApp},
	"outlook":     {mail, "", "Microsoft Outlook", isApp},
	"vlc":         {player, "", "VLC", isApp},
	"itunes":      {player, "", "iTunes", isApp},
	"feedly":      {newsfeed, "", "Feedly", isApp},

	"okhttp":            {library, "", "OkHttp", isLibrary},
	"curl":              {library, "", "curl", isLibrary},
	"libcurl":           {library, "", "curl", weakLibrary},
	"python-requests":   {library, "", "Python Requests", isLibrary},
	"python-urllib":     {library, "", "Python urllib", isLibrary},
	"python-httpx":      {library, "", "HTTPX", isLibrary},
	"aiohttp":           {library, "", "aiohttp", isLibrary},
	"axios":             {library, "", "Axios", isLibrary},
	"go-http-client":    {library, "", "Go-http-client", isLibrary},
	"dart":              {library, "", "Dart", isLibrary},
	"node-fetch":        {library, "", "Node Fetch", isLibrary},
	"got":               {library, "", "got", isLibrary},
	"postmanruntime":    {library, "", "Postman Desktop", isLibrary},
	"insomnia":          {library, "", "Insomnia REST Client", isLibrary},
	"httpie":            {library, "", "HTTPie", isLibrary},
	"wget":              {library, "", "Wget", isLibrary},
	"java":              {library, "", "Java", weakLibrary},
	"apache-httpclient": {library, "", "Apache HTTP Client", isLibrary},
	"guzzlehttp":        {library, "", "Guzzle (PHP HTTP Client)", isLibrary},
	"libwww-perl":       {library, "", "Perl", isLibrary},
	"ruby":              {library, "", "ruby", weakLibrary},
	"faraday":           {library, "", "Faraday", isLibrary},
	"reqwest":           {library, "", "reqwest", isLibrary},
	"deno":              {library, "", "Deno", isLibrary},
	"bun":               {library, "", "Bun", isLibrary},
	"restsharp":         {library, "", "RestSharp", isLibrary},
	"hyper":             {library, "", "hyper", weakLibrary},
	"aws-sdk-go":        {library, "", "AWS SDK for Go", isLibrary},
	"winhttp":           {library, "", "WinHTTP", isLibrary},
	"jakarta":           {library, "", "Jakarta Commons HttpClient", isLibrary},
	"mechanize":         {library, "", "Mechanize", isLibrary},
	"typhoeus":          {library, "", "Typhoeus", isLibrary},
	"http_request2":     {library, "", "HTTP_Request2", isLibrary},
}

// lookup finds a product in the table, in either case, without making garbage.
func lookup(name string) (program, bool) {
	var buffer [24]byte
	if len(name) > len(buffer) {
		return program{}, false
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buffer[i] = c
	}
	p, found := programs[string(buffer[:len(name)])]
	return p, found
}
