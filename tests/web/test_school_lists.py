"""Who crossed a level, and whose attendance is missing."""

from datetime import date

from allpresent.web.presenters.school_lists import (
    CrossedStudent,
    Missing,
    Move,
    chase_in_school,
    chase_over_schools,
    crossed,
    ranked,
)

MON, TUE, WED = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)


def test_only_rises_are_listed_the_highest_level_first():
    moves = [Move("1", "L1", "L2"), Move("2", "L3", "L2"), Move("3", "L3", "L4"), Move("4", "L1", "L4")]
    assert [move.student_id for move in ranked(moves)] == ["4", "3", "1"]


def test_crossings_are_counted_in_full_and_named_only_where_seen():
    moves = ranked([Move("1", "L1", "L2"), Move("2", "L1", "L2"), Move("3", "L3", "L4")])

    def named(move):
        return CrossedStudent(move.student_id, "/", "", move.before, move.now) if move.student_id != "2" else None

    told = crossed(moves, MON, named)
    assert told.sentence == "3 students crossed to a higher level since the last report, Mon 2 Nov."
    assert [(entry.key, entry.students) for entry in told.counts] == [("L2", "2"), ("L4", "1")]
    assert [student.name for student in told.students] == ["3", "1"]
    assert (told.shown, told.total, told.is_all) == (2, "3", False)


def test_nobody_crossing_and_no_earlier_report_are_told_apart():
    assert crossed([], MON, lambda move: None).sentence == "No student here crossed a level since Mon 2 Nov."
    assert "No report came before" in crossed([], None, lambda move: None).sentence


def test_the_longest_silence_is_asked_first():
    missing = [Missing("S", "A", MON, 20), Missing("S", "B", MON, 5), Missing("S", "B", TUE, 6)]
    chase = chase_in_school(missing, 5, {"A": "Room 1", "B": "Room 2"}, {"B": "Ms Bell"})
    assert [(row.section, row.teacher, row.days, row.students) for row in chase.rows] == [
        ("Room 2", "Ms Bell", "2, 3 Nov", "6"),
        ("Room 1", "", "2 Nov", "20"),
    ]
    assert chase.sentence == ("2 homerooms or sections did not report on one or more of the last 5 school days.")
    assert chase.more == ""


def test_a_silent_school_is_named_whole():
    assert chase_in_school([Missing("S", "", MON, 400)], 5, {}, {}).rows[0].section == "the whole school"
    both = [Missing("S", "", MON, 400), Missing("T", "A", MON, 9), Missing("T", "B", MON, 8), Missing("T", "A", WED, 9)]
    chase = chase_over_schools(both, 5, {"S": "Ash", "T": "Birch"})
    assert [(row.section, row.teacher, row.days, row.students) for row in chase.rows] == [
        ("Birch", "2 sections", "2, 4 Nov", "17"),
        ("Ash", "the whole school", "2 Nov", "400"),
    ]


def test_long_lists_say_how_many_are_left_out():
    missing = [Missing("S", str(n), MON, 1) for n in range(10)]
    chase = chase_in_school(missing, 5, {}, {})
    assert (len(chase.rows), chase.more) == (8, "and 2 more")


def test_nothing_missing_is_said():
    assert chase_in_school([], 5, {}, {}).sentence.startswith("Nothing is missing")
