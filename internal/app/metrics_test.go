package app

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
)

// TestMetricsAreOnTheirOwnAddress counts a few things and scrapes them over the operator's port; the API's
// port must know nothing of it.
func TestMetricsAreOnTheirOwnAddress(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	m.ObserveRequest("/v1/account", http.MethodGet, 200, 3*time.Millisecond)
	m.ObserveRequest("/v1/account", http.MethodGet, 200, 30*time.Millisecond)
	m.LimitRefused("createEmailPasswordSession")
	m.Sent("otpSession", "email", 300*time.Millisecond)
	m.Failed("otpSession", "email")
	m.Dead("recovery", "email")
	m.WatchHashing(func() int { return 2 }, func() int { return 7 })

	l, _ := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0"))
	m.Watch("requests_in_flight", "Requests that run now.", l.InFlight)
	ctx := t.Context()
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, http.NotFoundHandler(), m.Handler()) }()
	t.Cleanup(func() { <-done })

	client := newClient(t, &http.Transport{})
	operator, api := "http://"+l.Operator()[0].String(), "http://"+l.API()[0].String()
	_, text := get(t, client, operator+"/metrics")
	for _, line := range []string{
		`latchkey_http_requests_total{method="GET",route="/v1/account",status="200"} 2`,
		`latchkey_http_request_duration_seconds_bucket{method="GET",route="/v1/account",le="0.005"} 1`,
		`latchkey_http_request_duration_seconds_count{method="GET",route="/v1/account"} 2`,
		`latchkey_rate_limit_refusals_total{endpoint="createEmailPasswordSession"} 1`,
		`latchkey_messages_total{channel="email",kind="otpSession",outcome="failed"} 1`,
		`latchkey_messages_total{channel="email",kind="otpSession",outcome="sent"} 1`,
		`latchkey_messages_total{channel="email",kind="recovery",outcome="dead"} 1`,
		`latchkey_message_wait_seconds_bucket{channel="email",le="0.5"} 1`,
		"latchkey_hash_running 2", "latchkey_hash_waiting 7", "latchkey_requests_in_flight 0",
		"go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("the scrape lacks %q", line)
		}
	}
	for url, status := range map[string]int{
		operator + "/debug/pprof/":                   200,
		operator + "/debug/pprof/heap":               200,
		operator + "/debug/pprof/cmdline":            404,
		operator + "/v1/account":                     404,
		api + "/metrics":                             404,
		api + "/debug/pprof/heap":                    404,
		operator + "/debug/pprof/trace?seconds=0.01": 200,
	} {
		if response, _ := get(t, client, url); response.StatusCode != status {
			t.Errorf("%s: status %d, want %d", url, response.StatusCode, status)
		}
	}
}
