package app

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what operators count. It has a registry of its own: what libraries put into the global one is
// theirs, and two servers in one test process do not meet.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	messages *prometheus.CounterVec
	waited   *prometheus.HistogramVec
}

// durations are the buckets, in seconds: a session check takes well under a millisecond, a password hash
// some tens, and beyond ten seconds all is lost alike.
var durations = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// waits are the buckets of how long people wait for a message, in seconds: at best a conversation with a server that
// is near, at worst until their code runs out.
var waits = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300, 900}

// NewMetrics makes the counters, all at nothing, and collects what the process and the Go runtime say.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "latchkey_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "latchkey_http_request_duration_seconds", Help: "How long requests took, by route and method.", Buckets: durations,
		}, []string{"route", "method"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "latchkey_rate_limit_refusals_total", Help: "Requests refused by a rate limit, by endpoint.",
		}, []string{"endpoint"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "latchkey_messages_total", Help: "Tries to send a message, by kind, channel and outcome: sent, failed (to be tried again), dead (given up).",
		}, []string{"kind", "channel", "outcome"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "latchkey_message_wait_seconds", Help: "From the request that made a message due until it was taken, by channel.", Buckets: waits,
		}, []string{"channel"}),
	}
	m.registry.MustRegister(m.requests, m.took, m.refused, m.messages, m.waited,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// ObserveRequest counts a request. The route and the method must be those of the table, never what the
// client wrote: each distinct text is a time series that stays in memory.
func (m *Metrics) ObserveRequest(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route, method).Observe(took.Seconds())
}

// LimitRefused counts a request that a rate limit refused.
func (m *Metrics) LimitRefused(endpoint string) { m.refused.WithLabelValues(endpoint).Inc() }

// Sent implements outbox.Observer.
func (m *Metrics) Sent(kind, channel string, waited time.Duration) {
	m.messages.WithLabelValues(kind, channel, "sent").Inc()
	m.waited.WithLabelValues(channel).Observe(waited.Seconds())
}

// Failed implements outbox.Observer.
func (m *Metrics) Failed(kind, channel string) {
	m.messages.WithLabelValues(kind, channel, "failed").Inc()
}

// Dead implements outbox.Observer.
func (m *Metrics) Dead(kind, channel string) { m.messages.WithLabelValues(kind, channel, "dead").Inc() }

// WatchHashing shows the hashing gate: how many password hashes run and how many wait.
func (m *Metrics) WatchHashing(running, waiting func() int) {
	m.Watch("hash_running", "Password hashes that run now.", running)
	m.Watch("hash_waiting", "Password hashes that wait for a place.", waiting)
}

// Watch shows a number that is asked for at every scrape; "latchkey_" is put in front of its name. Watching
// the same name twice panics.
func (m *Metrics) Watch(name, help string, now func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "latchkey_" + name, Help: help},
		func() float64 { return float64(now()) }))
}

// Handler answers on the operator's own address: /metrics, and profiles under /debug/pprof/. Profiles show
// memory and could slow the server down, so they are never on the API's address. The command line, which
// pprof offers too, may hold a secret and is left out.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
