"""Tell requests for an edit of a part of the image from those for the whole image.

Our tools act on the whole image, so no program does what such a request asks for. Words decide: those that are frequent in GIER's
train split in requests for pairs with operators on parts alone, and rare in the others. docs/evaluation.md has the
agreement with the val split.
"""

import re

OBJECTS = """finger legs? guys? lady|ladies woman|women man|men person|people human kids? child|children baby girls? boys? hand arms?
face eyes? teeth lips head hat glasses shirts? jacket dress bottle cars? truck chair table phone cat dogs? tree wall sky grass water
background backdrop foreground object figure watermark text logo sign"""
WORDS = """behind except standing sitting walking holding wearing next corner middle transparent between cut delete everyone
photoshop replace"""
PHRASES = "(?:on|to|in|at|from) the (?:far )?(?:left|right|top|bottom|center|back|front)|(?:left|right|top|bottom)[ -](?:side|half|corner)|"
PHRASES += "(?:get rid of|remove|take out|erase|leaving?) (?:the |all )?(?:two|three|other|everything)|"
_LOCAL = re.compile(rf"\b(?:{PHRASES}{'|'.join(f'{OBJECTS} {WORDS}'.split())})\b", re.IGNORECASE)


def asks_for_local_edit(request: str) -> bool:
    """Return True if a request names a part of the image.

    >>> asks_for_local_edit("Remove the man on the left."), asks_for_local_edit("It is too dark, warm it up.")
    (True, False)
    """
    return bool(_LOCAL.search(request))
