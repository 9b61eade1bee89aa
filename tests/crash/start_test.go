package crash_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a start may cost at most: three times what it does cost, so that a busy machine fails nobody, and what
// has gone wrong before is found: the whole API described at each start took six times as long.
const (
	startWork   = 150 * time.Millisecond // of a processor
	startMemory = 40 << 10               // KiB, at its highest
)

func TestAStartIsQuickAndLean(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.env = append(s.env, "GOGC=100") // as everywhere but perhaps in tests
		s.start()                         // sets the database up
		s.end(syscall.SIGTERM)
		least, memory := time.Hour, 0
		for range 5 {
			s.start()
			memory = max(memory, peak(t, s.command.Process.Pid))
			s.end(syscall.SIGKILL)
			least = min(least, s.worked)
		}
		t.Logf("%v of a processor until the first answer, %d MiB", least, memory>>10)
		if least > startWork {
			t.Errorf("a start takes %v of a processor, which is more than %v", least, startWork)
		}
		if memory > startMemory {
			t.Errorf("a server that has done nothing holds %d MiB, which is more than %d", memory>>10, startMemory>>10)
		}
	})
}

// peak is the most memory that a process has held, in KiB.
func peak(t *testing.T, pid int) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("LEFT OUT: what a process holds can be read on Linux alone")
	}
	_, after, _ := strings.Cut(string(status), "\nVmHWM:")
	if _, err := fmt.Sscan(after, &kib); err != nil {
		t.Fatal(err)
	}
	return kib
}

// TestAStartThatIsKilledIsMadeGood kills the first start of a server somewhere, and the next, and the next: the
// last finds what the others have left.
func TestAStartThatIsKilledIsMadeGood(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		for i := range 8 {
			s.launch()
			time.Sleep(time.Duration(10+15*i) * time.Millisecond) // nothing tells how far it is, and any moment will do
			s.kill()
		}
		s.start()
	})
}
