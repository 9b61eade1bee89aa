package guard_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// ask is one request for a code by text message, as it comes in over a day.
type ask struct {
	at       time.Duration // since the day began
	number   string
	from     netip.Addr
	answered time.Duration // after which time the code comes back; 0: never
	fraud    bool
}

// pumped is the country whose numbers the fraudster earns by.
const pumped = "+371"

// pumping is a day of artificially inflated traffic: 5,000 numbers in 3 prefixes, asked for from 400 addresses, no
// code of which ever comes back. The numbers are new ones again and again, most of them asked for once or twice,
// and the addresses are those of rented proxies, so that no number and no address stands out.
func pumping() []ask {
	random := rand.New(rand.NewPCG(20260301, 1))
	// Two ranges of 10,000 numbers, and one that is spread over 100,000.
	ranges := []struct {
		prefix string
		digits int
	}{{"+3712910", 4}, {"+3712577", 4}, {"+371264", 5}}
	taken := map[string]bool{}
	for len(taken) < 5000 {
		r := ranges[random.IntN(len(ranges))]
		taken[r.prefix+digits(random, r.digits)] = true
	}
	numbers := sorted(taken)
	addresses := map[string]bool{}
	for len(addresses) < 400 {
		addresses[fmt.Sprintf("45.%d.%d.%d", 80+random.IntN(40), random.IntN(256), 1+random.IntN(254))] = true
	}
	proxies := sorted(addresses)
	var trace []ask
	for _, number := range numbers {
		for range 1 + random.IntN(3) {
			at := 6*time.Hour + time.Duration(random.Int64N(int64(10*time.Hour)))
			trace = append(trace, ask{at: at, number: number, from: netip.MustParseAddr(proxies[random.IntN(len(proxies))]), fraud: true})
		}
	}
	return inOrder(trace)
}

// plan is how mobile numbers look in a country: the calling code, how they go on, how many digits follow, and which
// share of an app's users (in a thousand) lives there.
type plan struct {
	code   string
	mobile []string
	digits int
	share  int
}

var plans = []plan{
	{"+1", []string{"212555", "415555", "305444", "617320", "713868", "206910", "312774", "404992", "702606", "646801"}, 4, 10},
	{"+1", []string{"213", "347", "510", "614", "720", "808", "916", "954", "971", "512", "615", "704"}, 7, 210},
	{"+44", []string{"7400", "7515", "7700", "7817", "7911", "7960"}, 6, 110},
	{"+49", []string{"151", "160", "170", "176", "162", "177"}, 8, 120},
	{"+33", []string{"6", "7"}, 8, 80},
	{"+39", []string{"320", "333", "347", "389"}, 7, 50},
	{"+34", []string{"6", "7"}, 8, 50},
	{"+55", []string{"119", "219", "319", "419"}, 8, 80},
	{"+91", []string{"98", "99", "70", "81", "63"}, 8, 110},
	{"+62", []string{"812", "813", "857", "878"}, 8, 50},
	{"+81", []string{"80", "90"}, 8, 40},
	{"+90", []string{"530", "532", "542", "555"}, 7, 30},
	{"+371", []string{"2"}, 7, 40},
	{"+356", []string{"79", "99"}, 6, 12},
	{"+354", []string{"6", "7", "8"}, 6, 8},
}

// genuine is a day of an app with 12,000 people in fourteen countries, one of them the pumped one. Most codes come
// back within a minute and a half; one message in ten does not arrive, and most people then ask once more; some
// give up. Two in five share their address with hundreds of others behind the gateway of a mobile network.
func genuine() []ask {
	random := rand.New(rand.NewPCG(20260301, 2))
	var trace []ask
	for range 12000 {
		country, gateways := choose(random)
		p := plans[country]
		number := p.code + p.mobile[random.IntN(len(p.mobile))] + digits(random, p.digits)
		from := netip.AddrFrom4([4]byte{byte(60 + random.IntN(30)), byte(random.IntN(256)), byte(random.IntN(256)), byte(1 + random.IntN(254))})
		if random.IntN(5) < 2 {
			from = gateways[random.IntN(len(gateways))]
		}
		for range 1 + random.IntN(20)/19 { // one person in twenty signs in a second time
			trace = append(trace, visit(random, number, from)...)
		}
	}
	return inOrder(trace)
}

// visit is one sign-in of one person: up to three codes.
func visit(random *rand.Rand, number string, from netip.Addr) []ask {
	at := daytime(random)
	var trace []ask
	for range 3 {
		one := ask{at: at, number: number, from: from}
		arrives := random.IntN(10) > 0
		if arrives && random.IntN(50) > 0 {
			one.answered = 8*time.Second + time.Duration(random.Int64N(int64(82*time.Second)))
		}
		trace = append(trace, one)
		if arrives || random.IntN(4) == 0 {
			return trace // in, or gone
		}
		at += time.Minute + time.Duration(random.Int64N(int64(2*time.Minute)))
	}
	return trace
}

// daytime is a moment of the day: evenings are busier than nights.
func daytime(random *rand.Rand) time.Duration {
	for {
		at := time.Duration(random.Int64N(int64(23*time.Hour + 30*time.Minute)))
		if hour := int(at.Hours()); random.IntN(20) < 3+hour*17/24 {
			return at
		}
	}
}

// choose picks a country by its share, with the addresses of its mobile networks' gateways.
func choose(random *rand.Rand) (country int, gateways []netip.Addr) {
	at := random.IntN(1000)
	for i, p := range plans {
		if at -= p.share; at < 0 {
			country = i
			break
		}
	}
	for i := range 12 {
		gateways = append(gateways, netip.AddrFrom4([4]byte{100 - 64, byte(country), byte(i), 7}))
	}
	return country, gateways
}

func digits(random *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + random.IntN(10))
	}
	return string(text)
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for item := range set {
		list = append(list, item)
	}
	slices.Sort(list)
	return list
}

func inOrder(trace []ask) []ask {
	slices.SortStableFunc(trace, func(a, b ask) int { return int(a.at - b.at) })
	return trace
}

// The traces are what they say: whatever is measured with them rests on it.
func TestTheTraces(t *testing.T) {
	t.Parallel()
	numbers, addresses, prefixes := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, one := range pumping() {
		numbers[one.number], addresses[one.from.String()] = true, true
		for _, prefix := range []string{"+3712910", "+3712577", "+371264"} {
			if strings.HasPrefix(one.number, prefix) {
				prefixes[prefix] = true
			}
		}
		if one.answered != 0 || !one.fraud {
			t.Fatalf("%+v", one)
		}
	}
	if len(numbers) != 5000 || len(addresses) != 400 || len(prefixes) != 3 {
		t.Errorf("%d numbers, %d addresses, %d prefixes", len(numbers), len(addresses), len(prefixes))
	}
	trace := genuine()
	share, answered, at := 0, 0, 0
	for _, p := range plans {
		share += p.share
	}
	for _, one := range trace {
		if one.answered > 0 {
			answered++
		}
		if strings.HasPrefix(one.number, pumped) {
			at++
		}
	}
	if share != 1000 || answered*100 < len(trace)*80 || answered*100 > len(trace)*92 || at < 300 {
		t.Errorf("shares of %d, %d of %d come back, %d in the pumped country", share, answered, len(trace), at)
	}
}
