"""Growth plots: SVG by hand, both axes logarithmic, for light screens and dark ones."""

import math
from html import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 74, 210, 44, 56
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b08900", "#56b4e9", "#888888"]
LINE_PX = 15
SLACK = 0.02  # of a decade: a point so little beyond a line of the grid needs no further decade

STYLE = """
  .ground { fill: #ffffff } .grid { stroke: #dddddd } .frame { stroke: #777777; fill: none }
  text { font: 12px sans-serif; fill: #222222 } .title { font-size: 15px; font-weight: bold }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14181d } .grid { stroke: #333a42 } .frame { stroke: #99a1aa }
    text { fill: #e2e6ea }
  }
"""


class Axis:
    """Whole decades over all values, laid on pixels from `start` to `end`."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)) + SLACK)
        self.high = max(math.ceil(math.log10(max(values)) - SLACK), self.low + 1)
        self.start, self.end = start, end

    def at(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def decades(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def tick(value):
    for factor, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= factor:
            return f"{value / factor:g}{suffix}"
    return f"{value:g}"


def spread(heights):
    """Moves labels down until no two overlap; answers in the order given."""
    placed, last = dict.fromkeys(range(len(heights)), 0.0), -math.inf
    for index in sorted(placed, key=lambda it: heights[it]):
        last = placed[index] = max(heights[index], last + LINE_PX)
    return [placed[index] for index in range(len(heights))]


def grid(x, y):
    for value in x.decades():
        yield f'<line class="grid" x1="{x.at(value):.1f}" x2="{x.at(value):.1f}" y1="{y.start}" y2="{y.end}"/>'
        yield f'<text x="{x.at(value):.1f}" y="{y.start + 18}" text-anchor="middle">{tick(value)}</text>'
    for value in y.decades():
        yield f'<line class="grid" x1="{x.start}" x2="{x.end}" y1="{y.at(value):.1f}" y2="{y.at(value):.1f}"/>'
        yield f'<text x="{x.start - 8}" y="{y.at(value) + 4:.1f}" text-anchor="end">{tick(value)}</text>'


def curves(series, x, y):
    ends = [it["points"][-1] for it in series]
    labels = spread([y.at(end[1]) for end in ends])
    for index, one in enumerate(series):
        colour = COLOURS[index % len(COLOURS)]
        width = 3 if one["series"].startswith("agentstore") else 1.5
        points = [(x.at(px), y.at(py)) for px, py in one["points"]]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        yield from (f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>' for px, py in points)
        edge, height = x.end + 12, labels[index]
        yield (f'<path d="M{points[-1][0] + 5:.1f},{points[-1][1]:.1f} L{edge},{height:.1f}" '
               f'stroke="{colour}" stroke-dasharray="2 3" fill="none"/>')
        yield f'<circle cx="{edge + 4}" cy="{height:.1f}" r="4" fill="{colour}"/>'
        yield f'<text x="{edge + 12}" y="{height + 4:.1f}">{escape(one["series"])}</text>'


def svg(title, series):
    """`series`: those of one plot, each with x_label, y_label, series, points [[x, y], …]."""
    series = [{**one, "points": sorted(one["points"])} for one in series]
    x = Axis([px for one in series for px, _ in one["points"]], LEFT, WIDTH - RIGHT)
    y = Axis([py for one in series for _, py in one["points"]], HEIGHT - BOTTOM, TOP)
    middle = (x.start + x.end) / 2
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}: {escape(series[0]["y_label"])}</text>',
        *grid(x, y),
        f'<rect class="frame" x="{x.start}" y="{y.end}" width="{x.end - x.start}" height="{y.start - y.end}"/>',
        f'<text x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">{escape(series[0]["x_label"])}</text>',
        *curves(series, x, y),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
