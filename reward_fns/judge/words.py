"""Word lists of `checks`, to separate English from other languages, sentences from lists, and requests that name a change from vague ones.

Tested on GIER's requests: a missing word causes a false rejection.
"""

import re

from iea.editor import TOOLS


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text))


GLUE = _words(
    """a about above after again all also am an and any are around as at back be because been before behind
    below between both but by can cannot could did do does down each else enough even every everything few for
    from get give had has have her here him his how i i'd i'm if in into is it it's its just keep left less like
    little lot lots made make makes making me more most much my need needs no not now of off on one only or
    other our out over overall own please put rid right should side so some something such take than thank
    thanks that the their them then there these they this those through to too toward towards two under until up
    us very want was we well were what when where which while who will with without would you your"""
)
"""Function words of an English sentence."""

VERBS = _words(
    """add adjust amplify apply balance blur boost brighten bring calm change clarify clean clear close colorize
    colour convert cool correct crisp crop crush cut darken deepen decrease dehaze delete denoise desaturate
    diminish dim drop dull ease edit eliminate emphasize enhance enlarge enrich erase even expose fade fill fix
    flatten heighten highlight illuminate improve increase intensify let lessen lift light lighten lower
    maximize minimize modify mute pull punch push quiet raise reduce remove replace restore retouch reverse
    saturate shade shift sharpen sink smooth smoothen soften strengthen strip subdue tame tint tone touch turn
    tweak vivify wake warm wash weaken whiten"""
)
"""Actions requested of an editor."""

TOOL_WORDS = (
    _words(" ".join(f"{name.split('_')[-1]} {tool.minus} {tool.plus}" for name, tool in TOOLS.items())) - GLUE - VERBS
)
"""Nouns that name the tools, and the words for their effects."""

EFFECTS = TOOL_WORDS | _words(
    """blue bright clarity clearer color colorful colors colour colourful contrasts dark depth details dimmer dull
    edges faded focus golden grainy gray green hue image intensity light lighting livelier noise photo photograph
    pic picture pink pinker punchier red shadow tint tone vibrant vignetting vivid warmth whiter yellow"""
)
"""Properties of an image that an edit changes. With GLUE and VERBS: the English of photo editing."""

ENGLISH = GLUE | VERBS | EFFECTS

ARTICLES = _words("a an the")

HOLDING = (
    (GLUE | VERBS)
    - EFFECTS
    - ARTICLES
    - _words(
        """and balance blur clear color colorize cool correct crisp dull fade less little lot more much of or over
    some touch very warm well with without"""
    )
)
"""Words that a bare list of effects does not have: verbs that are not adjectives or nouns too, and function words."""

FOREIGN = _words(
    """aber als auch auf aus bild das dem den der des dunkler ein eine einen etwas foto für heller ist mach
    mache machen mehr mit nicht oder sich und von weniger zu zum zur à au aux avec dans du elle en est et image
    la le les luminosité mettre ne ou par pas peu photo plus pour rendre rendez que sur un une al con del el es
    esta foto haz hacer imagen las los más menos muy para por que sea una uno y che di gli il immagine la lo
    meno per più rendi rendere un una da de do dos e em imagem mais mas na no não o os para se um uma beeld de
    een en het maak meer minder niet van voor met och att bilden det ej för göra gör med som till ett i jest na
    nie się zdjęcie żeby zrób zdjęcia bir daha fotoğraf ve yap cahaya dan gambar lebih yang kurangi tingkatkan
    hãy làm ảnh sáng hơn"""
) - {"image", "photo", "on", "i", "no", "do", "a", "en", "plus", "pas", "as"}
"""Common words of German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish, Turkish, Indonesian and
Vietnamese, without those that are English too."""

NAMED = (
    EFFECTS
    - _words("become closer everywhere image local mid photo photograph pic picture spared stronger unchanged weaker")
) | (_words("clear clearer even hot matt matte new newer old older pop red stand stands"))
STEMS = tuple(
    _words(
        """airy backg dawn dream hdr night overexp polaroid underexp balanc bigger black bleach blue bluish blur bokeh bold border bright brown bw clarif clarit clean cold color
    colour contrast convert cool crisp crop cut dark deep defin dehaz delet denois desatur detail dim drama dull dusk
    eliminat enlarg enlight enrich eras expos extend fade fading film flat flip focus fog gamma gentl gloom glow glar gold
    grain gray green grey grit harsh haz heat hue illumin intens lift light lively lumin magenta midt mist modern mono mood mute
    neon nois orange pale pink popp punch purple recolor redd remov replac resiz retro rich rosy rotat rough rustic satur sepia
    shad shap sharp shin skin small smooth soft straight sun temperatur textur tint tonal tone toni transparen unblur vibran
    vign vintage visia visib vivid warm wash white whit yellow zoom"""
    )
)
"""Words, and beginnings of words, that name a change of an image. A sentence without one is vague: it fits every edit."""

JUDGMENTS = _words(
    """accurate alike amateurish bad beautiful boring close correct different easy equal exact fine good great happy hard
    important likely little long many much nice ordinary perfect plain poor right same similar sure true ugly unlike
    unprofessional valid well wrong"""
)
"""Words after "too" or "extremely" that complain of nothing in particular."""

META = _words(
    """accept accepted ai approved answer answered answers assessor assistant assume award awarded awards certified
    certify     chatbot consider corresponding corresponds describe described describes description descriptions deserve deserved
    deserves disregard envisioned equivalence equivalent evaluate evaluated evaluates evaluation evaluator examiner
    expectation expectations expected gpt grader graders grading identical identically ignore ignores ignoring implied
    implies instructed instruction instructions integer integers intend intended intends intent intention intentions
    judge judged judges judgement judgment judging llm meant meaning merit merits output outputs override predicted
    prediction predictions pretend prompt prompts rate rated rater rates rating ratings reference references replies reply
    requested requests respond responds response responses reviewer reward rewarded rewards rubric score scored scorer
    scores scoring specified specifies specify summaries summary trust truth verified"""
)
"""Words to or about the judge, its task and the sentences that it compares. Of 26,902 real summaries, 17 use one."""
