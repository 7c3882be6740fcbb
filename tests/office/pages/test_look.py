"""The stylesheet: enough contrast, light and dark, and a rule for every class in use."""

import re
from itertools import chain

import pytest

from src.office.pages import assets, parts
from src.office.pages.layout import FOLDER

CSS = assets.own_style()
LIGHT, DARK = "light", "dark"
TONES = (
    parts.SUCCESS, parts.PRIMARY, parts.SECONDARY, parts.INFO, parts.WARNING, parts.DANGER
)
TEXT, LARGE = 4.5, 3.0  # the ratios of WCAG 2.2 AA: 1.4.3 for text, 1.4.11 for shapes
# Bootstrap has no rules for them either, outside of tabs and of forms that are checked.
UNSTYLED = {"nav-item", "form-check-label"}


def variables(scheme: str) -> dict[str, str]:
    """Return the colours that are in force, as the cascade has them."""
    layer = re.search(r"@layer standin \{(.*?)\n\}", CSS, re.S)[1]
    own = CSS.replace(layer, "")
    dark = re.search(r"@media screen and \(prefers-color-scheme: dark\) \{(.*?)\n\}", own, re.S)[1]
    light = re.search(r":root \{(.*?)\}", own, re.S)[1]
    blocks = [layer, light] + [dark] * (scheme == DARK)
    return dict(chain.from_iterable(re.findall(r"(--[\w-]+): ([^;]+);", b) for b in blocks))


def rgb(value: str, below: tuple[float, ...] = (0, 0, 0)) -> tuple[float, ...]:
    """Return a colour on top of another one, 0 to 255."""
    if value.startswith("rgba"):
        *colour, alpha = map(float, re.findall(r"[\d.]+", value))
        return tuple(alpha * a + (1 - alpha) * b for a, b in zip(colour, below))
    digits = value[1:] if len(value) == 7 else "".join(2 * c for c in value[1:])
    return tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))


def luminance(colour: tuple[float, ...]) -> float:
    shares = (part / 255 for part in colour)
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(scheme: str, above: str, below: str) -> float:
    found = variables(scheme)
    ground = rgb(found.get(below, below))
    first, second = luminance(rgb(found.get(above, above), ground)), luminance(ground)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def test_black_on_white_has_the_greatest_contrast():
    assert contrast(LIGHT, "#000", "#fff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("ground", ["--bs-body-bg", "--paper"])
@pytest.mark.parametrize(
    "ink", ["--bs-body-color", "--bs-secondary-color", "--bs-link-color", "--bs-code-color"]
)
def test_text_can_be_read(scheme, ground, ink):
    assert contrast(scheme, ink, ground) >= TEXT


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("tone", TONES)
def test_badges_and_notices_can_be_read(scheme, tone):
    ink, ground = f"--bs-{tone}-text-emphasis", f"--bs-{tone}-bg-subtle"

    assert contrast(scheme, ink, ground) >= TEXT


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_buttons_can_be_read(scheme):
    assert contrast(scheme, "#fff", "--accent") >= TEXT
    assert contrast(scheme, "--bs-danger-text-emphasis", "--paper") >= TEXT


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("tone", [t for t in TONES if t != parts.PRIMARY])
def test_parts_of_a_bar_stand_out_from_the_paper(scheme, tone):
    assert contrast(scheme, f"--fill-{tone}", "--paper") >= LARGE


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_the_frame_of_what_has_the_focus_is_seen(scheme):
    assert contrast(scheme, "--bs-link-color", "--paper") >= LARGE


def test_every_colour_of_the_light_look_has_one_in_the_dark():
    light, dark = variables(LIGHT), variables(DARK)

    colours = [n for n, value in light.items() if value.startswith(("#", "rgba"))]
    same = [name for name in colours if dark[name] == light[name]]
    assert same == []


# --- the classes in use ---------------------------------------------------------------


def classes(text: str) -> set[str]:
    found = re.findall(r'class="([^"]*)"', text)
    words = {word for value in found for word in value.split()}
    return {word for word in words if re.fullmatch(r"[a-z][\w-]*", word)}


@pytest.mark.parametrize(
    "path", sorted([*FOLDER.glob("*.py"), *FOLDER.glob("*.html")]), ids=lambda p: p.name
)
def test_every_class_in_use_has_a_rule_without_bootstrap(path):
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", CSS))

    assert classes(path.read_text("utf-8")) - known - UNSTYLED == set()


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("name", ["text-{}-emphasis", "bg-{}-subtle", "alert-{}", "fill-{}"])
def test_every_colour_has_its_classes(tone, name):
    assert re.search(rf"\.{name.format(tone)}\b", CSS)


def test_the_stand_in_is_a_layer_so_that_bootstrap_wins_over_it():
    before, _, after = CSS.partition("@layer standin {")

    assert "{" not in before
    assert ".container" in after


def test_the_style_reaches_for_nothing_outside():
    assert not re.search(r"@import|url\(|https?:|expression", CSS)
    assert CSS.isascii() and "!important" not in CSS


def test_paper_is_never_dark():
    assert "prefers-color-scheme" in CSS
    assert CSS.count("prefers-color-scheme") == CSS.count("@media screen and (prefers-color")


def test_on_paper_there_is_no_navigation_and_nothing_to_press():
    printed = CSS[CSS.index("@media print") :]

    hidden = re.search(r"([^{}]*)\{ display: none; \}", printed)[1]
    assert all(name in hidden for name in ("nav", "form", ".btn", ".pagination"))
