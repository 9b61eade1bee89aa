package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// result is what one cell of the benchmark measured.
type result struct {
	requests int
	failed   int
	seconds  float64
	p50, p99 time.Duration
}

// rate is the requests answered a second.
func (r result) rate() float64 { return float64(r.requests) / r.seconds }

// drive keeps connections busy for a while, each sending the requests that next makes for it. The client is
// as thin as can be (bytes over a socket), because it shares the machine with what it measures.
func drive(address string, connections int, during time.Duration, next func(worker, n int) []byte) (result, error) {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		total result
		first error
		times []time.Duration
	)
	started := time.Now()
	deadline := started.Add(during)
	for worker := range connections {
		wait.Add(1)
		go func() {
			defer wait.Done()
			own, failed, err := work(address, deadline, func(n int) []byte { return next(worker, n) })
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
			total.requests += len(own)
			total.failed += failed
			if first == nil {
				first = err
			}
		}()
	}
	wait.Wait()
	total.seconds = time.Since(started).Seconds()
	if len(times) > 0 {
		slices.Sort(times)
		total.p50, total.p99 = times[len(times)/2], times[len(times)*99/100]
	}
	return total, first
}

// work sends requests over one connection until the deadline.
func work(address string, deadline time.Time, next func(n int) []byte) (times []time.Duration, failed int, err error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, 0, err
	}
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 16<<10)
	for n := 0; ; n++ {
		sent := time.Now()
		if sent.After(deadline) {
			return times, failed, nil
		}
		if _, err := connection.Write(next(n)); err != nil {
			return times, failed, err
		}
		status, err := answer(reader)
		if err != nil {
			return times, failed, err
		}
		times = append(times, time.Since(sent))
		if status >= 300 {
			failed++
		}
	}
}

// answer reads one response and returns its status.
func answer(reader *bufio.Reader) (int, error) {
	line, err := reader.ReadString('\n')
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0, fmt.Errorf("no status in %q", line)
	}
	status, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0, err
	}
	length := 0
	for {
		header, err := reader.ReadString('\n')
		if err != nil {
			return 0, err
		}
		if header == "\r\n" {
			break
		}
		if value, is := strings.CutPrefix(header, "Content-Length: "); is {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	_, err = io.CopyN(io.Discard, reader, int64(length))
	return status, err
}
