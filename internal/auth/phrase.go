package auth

import "strings"

// phrase draws a security phrase, "Amber Otter", or none. It proves nothing to us: a person compares the one on
// the screen with the one in the mail, so that somebody else's mail is not taken for theirs. That needs a phrase
// that cannot be foreseen: 14 bits, from the same source as secrets.
func (r *Rules) phrase(wanted bool) string {
	if !wanted {
		return ""
	}
	b := r.Random.Bytes(2)
	first := phraseFirst[b[0]%phraseWords]
	return strings.ToUpper(first[:1]) + first[1:] + " " + phraseSecond[b[1]%phraseWords]
}

// phraseWords is how many words each list has. It divides 256, so that a random byte favours none.
const phraseWords = 128

var (
	phraseFirst = strings.Fields(`agile airy alpine amber ample ancient arctic azure balmy blithe bold brass brave breezy bright brisk
		bronze bubbly calm candid cedar cheery chilly classic clear clever cobalt copper coral cosmic cosy crimson
		crisp curly dapper daring dewy docile dotted dreamy dusty eager early earthy easy elated emerald fabled
		fair famous fancy feathered fleet floral fluffy fond frosty gentle gilded glad glossy golden graceful grand
		green handy happy hardy hazel hearty hidden hollow honest humble icy indigo ivory jade jaunty jolly
		jovial keen kind lavender leafy lilac lively lofty loyal lucky lunar mellow merry mighty misty modest
		mossy neat nimble noble olive opal pearly placid plucky polished proud purple quick quiet rapid regal
		rosy rustic sandy scarlet serene silver sleek smooth snowy solar spry starry sunny swift tidy tranquil`)
	phraseSecond = strings.Fields(`acorn almond anchor apple apricot arrow badger banjo barley basil basket beacon beaver bison bonfire bridge
		brook candle canoe canyon castle cello cherry cliff clover comet compass condor cottage coyote crane cricket
		daisy dolphin dragon drum dune eagle ember falcon feather fern ferry fiddle finch flute forest fountain
		fox galaxy garden gazelle glacier grove gull harbour harp hawk hazelnut heron hill honey horizon island
		jaguar kettle kite koala lagoon lantern lark lemon lighthouse lily lobster lotus lynx maple marble marmot
		meadow melon meteor mill moon moose mountain nectar nutmeg oak oasis ocean orchid otter owl panda
		parrot peach pebble pelican pepper pine planet plum pond poppy puffin quail quartz rabbit raven reef
		river robin saddle sailor salmon sparrow spruce summit swan thistle tiger tulip turtle valley willow zebra`)
)
