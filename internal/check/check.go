// Package check owns the checks of parameters and the policies that need nothing but the value: ids, texts,
// addresses, numbers, passwords, origins, redirects, preferences and list queries. A check looks; it stores and
// decides nothing. It may import fault and model.
package check

// String checks a text. Its error is the sentence that follows "Invalid `name` param: " on the wire, nil means
// that the text is fine. That the value is a text at all, and not a number or a list, is the binder's business.
type String func(value string) error
