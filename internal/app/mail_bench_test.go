package app

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
	"latchkey/internal/testkit/mailserver"
)

// benchProgram is the whole program with a mail server that takes everything, over TLS and with a login.
func benchProgram(b *testing.B, engine string) (*program, *mailserver.Server) {
	server := mailserver.Start(b, mailserver.Options{Username: "latchkey", Password: "s3cret"})
	return launch(b, engines.Open(b, store.Options{}, engine), server, bare, global(server, "&tls=required"), "--rate-limits=off", "--log-level=error"), server
}

func askForCode(b *testing.B, p *program, n int) {
	if status := p.ask("/v1/account/tokens/email", fmt.Sprintf(`{"userId":"unique()","email":"u%d@example.com"}`, n)); status != 201 {
		b.Errorf("answered %d", status)
	}
}

// BenchmarkMails asks for codes as fast as eight clients can, and is done when the last mail is there.
func BenchmarkMails(b *testing.B) {
	for _, engine := range []string{store.SQLite, store.Postgres} {
		b.Run(engine, func(b *testing.B) {
			p, server := benchProgram(b, engine)
			b.ResetTimer()
			var clients sync.WaitGroup
			for client := range 8 {
				clients.Go(func() {
					for n := client; n < b.N; n += 8 {
						askForCode(b, p, n)
					}
				})
			}
			for range b.N {
				<-server.Arrived
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
			clients.Wait()
		})
	}
}

// BenchmarkMailWait is how long one person waits: from the request until the mail server has the mail.
func BenchmarkMailWait(b *testing.B) {
	for _, engine := range []string{store.SQLite, store.Postgres} {
		b.Run(engine, func(b *testing.B) {
			p, server := benchProgram(b, engine)
			waits := make([]time.Duration, b.N)
			b.ResetTimer()
			for n := range b.N {
				asked := time.Now()
				askForCode(b, p, n)
				waits[n] = (<-server.Arrived).At.Sub(asked)
			}
			slices.Sort(waits)
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
