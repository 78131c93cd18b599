"""The moving picture of the first page: a circuit of two qubits that learns the two moons.

``python notebooks/pictures/learning.py`` writes ``learning*.webp`` and ``learning*.png``, for light
and for dark pages, into ``notebooks/images/``. Every frame is a step of one training, nothing is
drawn by hand: maps are exact expectations after every layer, dials the angles of the trained gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch
from PIL import Image

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.palette import CLASS_COLORS, GATE_COLORS

FOLDER = Path(__file__).parents[1] / "images"
SIZE = (11.2, 5.6)  # inches, of 100 pixels
N_LAYERS = 3
N_STEPS = 60
ROWS = (4.05, 1.95)  # height of the two wires
LAYER_WIDTH = 2.36
FIRST = 0.72  # where the first layer begins
MAP = 0.86  # side of a small map


@dataclass(frozen=True)
class Page:
    """Colours of a page."""

    ground: str
    ink: str
    quiet: str
    line: str
    middle: str  # of maps, where an expectation is 0


LIGHT = Page("#ffffff", "#1F2933", "#52606D", "#9AA5B1", "#f7f7f7")
DARK = Page("#14181e", "#E4E7EB", "#AAB4C0", "#66717E", "#2a3038")


@dataclass(frozen=True, eq=False)
class Frame:
    """One step: what the model measures on a grid after every layer, and what it answers."""

    step: int
    loss: float
    angles: dict[int, float]  # of slots that hold a weight alone
    maps: np.ndarray  # (n_layers, 2 qubits, n, n)
    p: np.ndarray  # (n, n), of class 1


def layer_ends(circuit: Any) -> list[int]:
    """Return how many gates have acted after every layer, which an entangler ends."""
    return [i + 1 for i, gate in enumerate(circuit.gates) if len(gate.qubits) == 2]


def trained_frames(X: np.ndarray, y: np.ndarray, grid: np.ndarray) -> list[Frame]:
    """Train, and keep a frame of every step."""
    frames: list[Frame] = []

    def keep(state: Any) -> None:
        frames.append(frame_of(state.estimator, grid, state.step, state.loss))

    model = VariationalClassifier(
        n_layers=N_LAYERS, max_iter=N_STEPS, random_state=0, callbacks=[keep]
    )
    model.fit(X, y)
    return frames


def frame_of(clf: Any, grid: np.ndarray, step: int, loss: float) -> Frame:
    """Return what a classifier in training shows."""
    circuit = clf.circuit_.circuit
    angles = clf.model_.angles(grid)
    side = int(len(grid) ** 0.5)
    maps = []
    for end in layer_ends(circuit):
        part = circuit.part(0, end)
        used = sorted({slot for gate in circuit.gates[:end] for slot in gate.slots})
        values = get_backend("numpy").expectations(part, [angles[s] for s in used], ["ZI", "IZ"])
        maps.append(values.T.reshape(2, side, side))
    shared = {slot: float(a) for slot, a in enumerate(angles) if np.ndim(a) == 0}
    p = clf.predict_proba(grid)[:, 1].reshape(side, side)
    return Frame(step, loss, shared, np.array(maps), p)


def color_map(page: Page) -> LinearSegmentedColormap:
    """Return the colours from class 0 over nothing to class 1."""
    return LinearSegmentedColormap.from_list("z", [CLASS_COLORS[1], page.middle, CLASS_COLORS[0]])


def canvas(page: Page) -> tuple[Figure, Axes]:
    """Return an empty picture whose units are inches."""
    figure = plt.figure(figsize=SIZE, dpi=100, facecolor=page.ground)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, SIZE[0]), ylim=(0, SIZE[1]))
    ax.axis("off")
    return figure, ax


def draw_gate(ax: Axes, x: float, row: float, name: str, angle: float | str | None) -> None:
    """Draw a gate: of a weight with its angle on a dial, of data with a feature's name."""
    kind = {str: "scaled", float: "weight"}.get(type(angle), "fixed")
    color = GATE_COLORS[kind]
    box = FancyBboxPatch(
        (x - 0.18, row - 0.31), 0.36, 0.62, boxstyle="round,pad=0,rounding_size=0.07",
        facecolor=color.fill, edgecolor=color.edge, linewidth=1.2, zorder=3,
    )  # fmt: skip
    ax.add_patch(box)
    height = row if angle is None else row + 0.17
    ax.text(x, height, name, ha="center", va="center", fontsize=8, color="#000000", zorder=4)
    if isinstance(angle, str):
        ax.text(x, row - 0.1, angle, ha="center", va="center", fontsize=10, zorder=4)
    elif angle is not None:
        draw_dial(ax, x, row - 0.1, angle)


def draw_dial(ax: Axes, x: float, y: float, angle: float) -> None:
    """Draw an angle as a hand that points up at 0 and turns clockwise."""
    ax.add_patch(Circle((x, y), 0.14, facecolor="#ffffff", edgecolor="#333333", lw=0.8, zorder=4))
    tip = (x + 0.13 * np.sin(angle), y + 0.13 * np.cos(angle))
    ax.plot([x, tip[0]], [y, tip[1]], color="#B00020", lw=1.8, zorder=5, solid_capstyle="round")


def draw_layer(ax: Axes, page: Page, frame: Frame, layer: int) -> None:
    """Draw the gates of a layer and the maps behind it."""
    x = FIRST + LAYER_WIDTH * layer
    slot = 7 * layer
    for qubit, row in enumerate(ROWS):
        draw_gate(ax, x + 0.19, row, "RY", f"x{qubit}")
        draw_gate(ax, x + 0.6, row, "RY", frame.angles[slot + 2 + qubit])
        draw_gate(ax, x + 1.01, row, "RZ", frame.angles[slot + 4 + qubit])
    link = x + 1.32
    ax.plot([link, link], ROWS, color=GATE_COLORS["link"].fill, lw=3, zorder=2)
    middle = sum(ROWS) / 2
    ax.add_patch(Circle((link, middle), 0.2, facecolor=page.ground, lw=0, zorder=2.5))
    draw_dial(ax, link, middle, frame.angles[slot + 6])
    ax.text(link + 0.22, middle, "RXX", fontsize=8, color=page.ink, va="center")
    for qubit, row in enumerate(ROWS):
        left = x + 1.42
        extent = (left, left + MAP, row - MAP / 2, row + MAP / 2)
        ax.imshow(
            frame.maps[layer, qubit], cmap=color_map(page), vmin=-1, vmax=1, origin="lower",
            extent=extent, interpolation="bilinear", zorder=3,
        )  # fmt: skip
        ax.add_patch(
            plt.Rectangle((left, row - MAP / 2), MAP, MAP, fill=False, ec=page.line, lw=1, zorder=4)
        )
    ax.text(x + 0.6, 5.05, f"layer {layer + 1}", fontsize=10, color=page.quiet, ha="center")


def draw_boundary(
    ax: Axes, page: Page, frame: Frame, X: np.ndarray, y: np.ndarray, limits: np.ndarray
) -> None:
    """Draw the class of every point of the plane, and the samples."""
    left, bottom, side = 8.15, 1.75, 2.75
    low, high = limits
    corner = np.array([left, bottom])
    extent = (left, left + side, bottom, bottom + side)
    style = {"origin": "lower", "extent": extent}
    ax.imshow(
        1 - 2 * frame.p, cmap=color_map(page), vmin=-1.25, vmax=1.25, interpolation="bilinear",
        zorder=3, **style,
    )  # fmt: skip
    if frame.p.min() < 0.5 < frame.p.max():
        ax.contour(frame.p, levels=[0.5], colors=page.ink, linewidths=2, zorder=4, **style)
    points = corner + (X - low) / (high - low) * side
    colors = np.array([CLASS_COLORS[0], CLASS_COLORS[1]])[y]
    ax.scatter(*points.T, c=colors, s=16, edgecolors="#000000", linewidths=0.5, zorder=5)
    ax.text(left, 5.05, "what it answers", fontsize=10, color=page.quiet)


def draw_loss(ax: Axes, page: Page, frames: list[Frame], now: int) -> None:
    """Draw the loss so far as a curve below the boundary."""
    losses = np.array([frame.loss for frame in frames])
    x = 8.15 + 2.75 * np.arange(len(losses)) / (len(losses) - 1)
    y = 0.5 + 0.9 * losses / losses.max()
    ax.plot([8.15, 10.9], [0.5, 0.5], color=page.line, lw=1)
    ax.plot(x[: now + 1], y[: now + 1], color="#2B87C9", lw=2.2)
    ax.plot(x[now], y[now], "o", color="#2B87C9", ms=6)
    ax.text(8.15, 0.2, f"step {frames[now].step}", fontsize=10, color=page.quiet)
    ax.text(10.9, 0.2, f"loss {losses[now]:.2f}", fontsize=10, color=page.quiet, ha="right")


def picture(
    frames: list[Frame], now: int, page: Page, data: Any, limits: np.ndarray
) -> Image.Image:
    """Return one frame of the film."""
    figure, ax = canvas(page)
    frame = frames[now]
    end = FIRST + LAYER_WIDTH * N_LAYERS - 0.1
    for qubit, row in enumerate(ROWS):
        ax.plot([0.3, end + 0.15], [row, row], color=page.line, lw=1.6, zorder=1)
        ax.text(0.24, row, f"q{qubit}", fontsize=10, color=page.ink, ha="right", va="center")
        draw_gate(ax, 0.5, row, "H", None)
    for layer in range(N_LAYERS):
        draw_layer(ax, page, frame, layer)
    draw_boundary(ax, page, frame, data.X, data.y, limits)
    draw_loss(ax, page, frames, now)
    draw_legend(ax, page)
    figure.canvas.draw()
    image = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    plt.close(figure)
    return image


def draw_legend(ax: Axes, page: Page) -> None:
    """Say what gates, dials and maps are."""
    lines = (
        "blue gates: a feature turns the qubit · yellow gates: a weight does, its angle on a dial",
        "maps: what the qubit measures after the layer, ⟨Z⟩ from −1 (orange) to 1 (blue)",
    )
    for row, line in enumerate(lines):
        ax.text(0.3, 0.8 - 0.3 * row, line, fontsize=9.5, color=page.quiet, va="center")


def main() -> None:
    """Train once, draw twice."""
    data = load_dataset("moons", n_samples=120, noise=0.12, random_state=1)
    low, high = data.X.min(axis=0) - 0.35, data.X.max(axis=0) + 0.35
    axes = [np.linspace(a, b, 41) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    frames = trained_frames(data.X, data.y, grid)
    shown = [*range(16), *range(16, 30, 2), *range(30, len(frames), 4)]
    for page, name in ((LIGHT, "learning"), (DARK, "learning_dark")):
        images = [picture(frames, now, page, data, np.array([low, high])) for now in shown]
        times = [140] * (len(images) - 1) + [2500]
        images[0].save(
            FOLDER / f"{name}.webp", save_all=True, append_images=images[1:], duration=times,
            loop=0, quality=62, method=6,
        )  # fmt: skip
        images[-1].quantize(128).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
