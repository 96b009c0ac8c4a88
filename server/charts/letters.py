"""Which letters a picture or a paper can draw here: what no font of this machine has is written in Latin letters."""

import unicodedata
from functools import cache

#: Scripts of the fonts that the drawing libraries bring along.
_BROUGHT = ("LATIN", "GREEK", "CYRILLIC")
#: Parts of the names of fonts that hold Chinese, Japanese or Korean letters.
_EAST_ASIAN_FONTS = (
    "CJK", "Source Han", "Hiragino", "Yu Gothic", "Yu Mincho", "Meiryo", "MS Gothic", "MS Mincho", "IPA", "Takao",
    "PingFang", "YaHei", "SimSun", "SimHei", "WenQuanYi", "Droid Sans Fallback", "Malgun", "Apple SD Gothic", "Nanum",
    "Noto Sans JP", "Noto Sans KR", "Noto Sans SC", "Noto Sans TC", "Noto Serif JP", "Unifont",
)  # fmt: skip
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC")


def drawable(text: str) -> str:
    """The text with every letter that would be an empty box spelled in Latin letters: `株式会社` -> `ZhuShiHuiShe`."""
    if text.isascii():
        return text
    from anyascii import anyascii

    return "".join(one if _is_drawable(one) else anyascii(one) for one in text)


def _is_drawable(character: str) -> bool:
    if character.isascii() or (unicodedata.category(character)[0] not in "LMN" and ord(character) < 0x2C00):
        return True  # digits, signs and punctuation of the brought fonts
    script = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    return script in _BROUGHT or (script in _EAST_ASIAN and has_east_asian_font())


@cache
def has_east_asian_font() -> bool:
    """Whether a font of this machine has Chinese, Japanese or Korean letters."""
    import typst

    families = typst.Fonts(include_embedded_fonts=False).families()
    return any(part in family for family in families for part in _EAST_ASIAN_FONTS)
