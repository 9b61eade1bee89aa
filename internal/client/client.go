// Package client owns the answer to "who asks?" as far as the connection and the headers tell: the address
// behind the proxies that the operator trusts, the country that address is registered in, and the program
// and device named by the user agent. It decides nothing and keeps nothing. It may import model and the
// standard library.
package client
