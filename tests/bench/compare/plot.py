"""Plots as SVG, without a library: grouped bars with their spread, and curves."""
import html
import math

WIDTH, HEIGHT = 960, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 84, 56
PALETTE = ["#0b6fb8", "#63b3e4", "#c2571a", "#eba06b", "#3f8f4f", "#8c6bb1", "#7a7a7a"]
INK, FAINT = "#1c2430", "#d9dee5"


def nice_step(top, marks=5):
    """A step of 1, 2 or 5 times a power of ten that divides 0..top in about so many."""
    raw = max(top, 1e-9) / marks
    power = 10 ** math.floor(math.log10(raw))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= raw * 0.999)


class Axis:
    """From values to pixels upwards; linear, or logarithmic for what spans more than two powers of ten."""

    def __init__(self, values, wide):
        positive = [value for value in values if value > 0]
        self.top = max(positive, default=1)
        self.low = min(positive, default=1)
        self.log = wide and self.top / self.low > 100
        if self.log:
            self.low = 10 ** math.floor(math.log10(self.low))
            self.top = 10 ** math.ceil(math.log10(self.top))
            self.marks = [self.low * 10 ** i for i in range(round(math.log10(self.top / self.low)) + 1)]
        else:
            step = nice_step(self.top)
            count = math.ceil(self.top / step - 1e-9)
            self.top = count * step
            self.marks = [step * i for i in range(count + 1)]

    def y(self, value):
        span = HEIGHT - TOP - BOTTOM
        if self.log:
            part = math.log(max(value, self.low) / self.low) / math.log(self.top / self.low)
        else:
            part = value / self.top
        return HEIGHT - BOTTOM - span * part


def text(x, y, words, size=12, anchor="middle", color=INK, extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{color}"{extra}>'
            f'{html.escape(words)}</text>')


def number(value):
    return "0" if value == 0 else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def frame(title, unit, axis):
    """The ground: title, unit and the lines of the marks."""
    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
             text(LEFT, 26, title, 16, "start", extra=' font-weight="600"'),
             text(16, (TOP + HEIGHT - BOTTOM) / 2, unit + (" (logarithmic)" if axis.log else ""), 12,
                  extra=f' transform="rotate(-90 16 {(TOP + HEIGHT - BOTTOM) / 2:.0f})"')]
    for mark in axis.marks:
        y = axis.y(mark)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{FAINT}"/>')
        parts.append(text(LEFT - 8, y + 4, number(mark), 11, "end"))
    return parts


def legend(names):
    parts, x, y = [], LEFT, 48
    for index, name in enumerate(names):
        width = 26 + 7.2 * len(name)
        if x + width > WIDTH - RIGHT:
            x, y = LEFT, y + 18
        parts.append(f'<rect x="{x:.0f}" y="{y - 9}" width="11" height="11" fill="{PALETTE[index % len(PALETTE)]}"/>')
        parts.append(text(x + 16, y, name, 12, "start"))
        x += width + 10
    return parts


def document(parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            'font-family="Inter, Helvetica, Arial, sans-serif">\n' + "\n".join(parts) + "\n</svg>\n")


def bars(title, unit, groups, names, values):
    """values[name][group] is {median, min, max} or None (not measured: a dash)."""
    known = [cell for name in names for cell in values[name].values() if cell]
    axis = Axis([cell[key] for cell in known for key in ("median", "max")], wide=True)
    parts = frame(title, unit, axis) + legend(names)
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    slot = room * 0.84 / len(names)
    for place, group in enumerate(groups):
        left = LEFT + room * place + room * 0.08
        parts.append(text(LEFT + room * (place + 0.5), HEIGHT - BOTTOM + 20, group))
        for index, name in enumerate(names):
            parts += bar(axis, left + slot * index, slot, values[name].get(group), PALETTE[index % len(PALETTE)])
    base = HEIGHT - BOTTOM
    parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}" stroke="{INK}"/>')
    return document(parts)


def bar(axis, x, slot, cell, color):
    middle, base = x + slot / 2, HEIGHT - BOTTOM
    if not cell:
        return [text(middle, base - 4, "–", 11, color="#9aa3ad")]
    y = axis.y(cell["median"])
    low, high = axis.y(cell["min"]), axis.y(cell["max"])
    parts = [f'<rect x="{x + slot * 0.08:.1f}" y="{y:.1f}" width="{slot * 0.84:.1f}" height="{max(0, base - y):.1f}" '
             f'fill="{color}"/>']
    if low - high > 1:
        parts.append(f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{INK}"/>')
    parts.append(text(middle, min(y, high) - 4, number(cell["median"]), 10 if slot > 24 else 8))
    return parts


def curves(title, unit, x_title, names, points):
    """points[name] is a list of (x, y)."""
    sizes = sorted({x for name in names for x, _ in points[name]})
    axis = Axis([y for name in names for _, y in points[name]], wide=False)
    parts = frame(title, unit, axis) + legend(names)
    top = max(sizes) or 1

    def place(x):
        return LEFT + 20 + (WIDTH - LEFT - RIGHT - 40) * x / top

    shown = -100.0
    for size in sizes:
        if place(size) - shown > 26:
            shown = place(size)
            parts.append(text(shown, HEIGHT - BOTTOM + 18, number(size), 11))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 40, x_title))
    for index, name in enumerate(names):
        color = PALETTE[index % len(PALETTE)]
        line = " ".join(f"{place(x):.1f},{axis.y(y):.1f}" for x, y in points[name])
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{place(x):.1f}" cy="{axis.y(y):.1f}" r="3.5" fill="{color}"/>'
                  for x, y in points[name]]
    base = HEIGHT - BOTTOM
    parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}" stroke="{INK}"/>')
    return document(parts)
