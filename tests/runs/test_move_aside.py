"""What `--fresh` moves aside: all that our reports write, and nothing of the user's."""

from trickbook.runs.move_aside import move_aside

PICTURES = (
    "ladder.png",
    "residuals.png",
    "ablation.png",
    "ablation-curves.png",
    "levels-residuals.png",
    "sweep-a-curves.png",
    "grow-race-1.png",
)


def test_no_picture_of_the_old_studies_stays(tmp_path):
    (tmp_path / "runs").mkdir()
    for name in (*PICTURES, "levels.json", "mine.png"):
        (tmp_path / name).touch()
    move_aside(tmp_path)
    (aside,) = tmp_path.glob("before-*")
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "mine.png", aside.name}
    assert {path.name for path in aside.glob("*.png")} == set(PICTURES)
