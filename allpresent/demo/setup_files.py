"""The files a school's office sets up before the year: schools, terms, calendars, codes, conversions, FTE."""

from pathlib import Path

import numpy as np

from allpresent.demo import sheet
from allpresent.demo.calendar import LAST_YEAR, Dates, SchoolYear
from allpresent.demo.codes import CATEGORIES, CODES, code_id
from allpresent.demo.schools import Ints, School


def write_setup(out: Path, rng: np.random.Generator, schools: tuple[School, ...], this_year: SchoolYear) -> None:
    """All of them; ``this_year`` is the year under way as this delivery knows it."""
    years = (LAST_YEAR, this_year)
    _write_schools(out, schools)
    _write_terms(out, rng, schools, years)
    _write_calendar(out, rng, schools, years)
    _write_codes(out, schools, years)
    _write_fte(out, schools, years)


def school_numbers(schools: tuple[School, ...]) -> list[str]:
    """School_Number as text, by position."""
    return [str(school.number) for school in schools]


def fte_id(year: int, school: Ints) -> Ints:
    """FTE.ID of the one full-time FTE of a school in a school year."""
    return 501 + (year - 2025) * 100 + school


def calendar_day_id(year: int, school: Ints, dates: Dates) -> Ints:
    """Calendar_Day.ID of a school's day."""
    day = (dates - np.datetime64(f"{year}-08-01")).astype(np.int64)
    return 100_000 + (year - 2025) * 50_000 + school * 400 + day


def _write_schools(out: Path, schools: tuple[School, ...]) -> None:
    count = len(schools)
    columns = {
        "DCID": np.arange(count) + 1,
        "ID": np.arange(count) + 1,
        "SCHOOL_NUMBER": school_numbers(schools),
        "NAME": [school.name for school in schools],
        "ABBREVIATION": ["".join(word[0] for word in school.name.split()) for school in schools],
        "LOW_GRADE": np.array([school.low_grade for school in schools]),
        "HIGH_GRADE": np.array([school.high_grade for school in schools]),
        "STATE_EXCLUDEFROMREPORTING": np.zeros(count, dtype=np.int64),
    }
    sheet.write(out / "schools.txt", "SCHOOLS", columns)


def _write_terms(
    out: Path, rng: np.random.Generator, schools: tuple[School, ...], years: tuple[SchoolYear, ...]
) -> None:
    rows = []
    for year in years:
        half = year.days[len(year.days) // 2]
        spans = ((year.first_day, year.term_ends_on), (year.first_day, half), (half, year.term_ends_on))
        names = (f"{year.start % 100}-{year.start % 100 + 1}", "S1", "S2")
        for school in schools:
            for place, ((first, last), name) in enumerate(zip(spans, names, strict=True)):
                rows.append((year.year_id * 100 + place, year.year_id, first, last, name, school.number))
    ids, year_ids, first_days, last_days, names_, numbers = zip(*rows, strict=True)
    columns = {
        "DCID": np.arange(len(rows)) + 1,
        "ID": np.array(ids),
        "YEARID": np.array(year_ids),
        "FIRSTDAY": sheet.us_dates(rng, np.array(first_days, dtype="datetime64[D]")),
        "LASTDAY": sheet.us_dates(rng, np.array(last_days, dtype="datetime64[D]")),
        "ABBREVIATION": list(names_),
        "SCHOOLID": np.array(numbers),
    }
    sheet.write(out / "terms.txt", "TERMS", columns)


def _write_calendar(
    out: Path, rng: np.random.Generator, schools: tuple[School, ...], years: tuple[SchoolYear, ...]
) -> None:
    """One row a school and weekday of the year; a closed day says why."""
    school, dates, ids, notes = _calendar_rows(len(schools), years)
    in_session = np.array([not note for note in notes]).astype(np.int64)
    zero = np.zeros(len(school), dtype=np.int64)
    columns = {
        "DCID": ids + 500_000,
        "ID": ids,
        "SCHOOLID": sheet.text_of(school_numbers(schools), school),
        "DATE_VALUE": sheet.us_dates(rng, dates),
        "A": in_session,
        **dict.fromkeys("BCDEF", zero),
        "INSESSION": in_session,
        "MEMBERSHIPVALUE": in_session,
        "NOTE": notes,
        "BELL_SCHEDULE_ID": 900 + school,
        "WEEK_NUM": dates.astype("datetime64[W]").astype(np.int64) - 2900,
    }
    sheet.write(out / "calendar_day.txt", "CALENDAR_DAY", columns)


def _calendar_rows(schools: int, years: tuple[SchoolYear, ...]) -> tuple[Ints, Dates, Ints, list[str]]:
    """School, date, id and note of every row; a note is a reason why there is no school."""
    rows: list[tuple[Ints, Dates, Ints]] = []
    notes: list[str] = []
    for year in years:
        closed = {day: note for day, note in year.closed.items() if day <= year.last_day}
        days = sorted({*year.days, *closed})
        school = np.repeat(np.arange(schools), len(days))
        dates = np.tile(np.array(days, dtype="datetime64[D]"), schools)
        rows.append((school, dates, calendar_day_id(year.start, school, dates)))
        notes += [closed.get(day, "") for day in days] * schools
    school, dates, ids = (np.concatenate(column) for column in zip(*rows, strict=True))
    return school, dates, ids, notes


def _letters(school: School, code: int) -> str:
    """The code's letters at a school, '-' where it is not used."""
    return CODES[code].high if school.is_high else CODES[code].k8


def _write_codes(out: Path, schools: tuple[School, ...], years: tuple[SchoolYear, ...]) -> None:
    rows = [
        (year, place, school, code)
        for year in years
        for place, school in enumerate(schools)
        for code in range(len(CODES))
        if _letters(school, code) != "-"
    ]
    ids = _ids(rows)
    columns = {
        "ID": ids,
        "SCHOOLID": np.array([school.number for _, _, school, _ in rows]),
        "YEARID": np.array([year.year_id for year, _, _, _ in rows]),
        "ATT_CODE": [_letters(school, code) for _, _, school, code in rows],
        "DESCRIPTION": [CODES[code].description for _, _, _, code in rows],
        "PRESENCE_STATUS_CD": [CODES[code].presence for _, _, _, code in rows],
        "CALCULATE_ADA_YN": np.ones(len(rows), dtype=np.int64),
        "CALCULATE_ADM_YN": np.ones(len(rows), dtype=np.int64),
        "SORTORDER": np.array([code + 1 for _, _, _, code in rows]),
    }
    sheet.write(out / "attendance_code.txt", "ATTENDANCE_CODE", columns)
    _write_categories(out, rows, ids)
    _write_conversion(out, rows, ids)


def _write_conversion(out: Path, rows: list[tuple[SchoolYear, int, School, int]], ids: Ints) -> None:
    """What part of a day each code counts as attended."""
    fte = np.array([int(fte_id(year.start, np.array(place))) for year, place, _, _ in rows])
    columns = {
        "ID": np.arange(len(rows)) + 3_001,
        "ATTENDANCE_CONVERSION_ID": fte + 200,
        "FTEID": fte,
        "INPUT_VALUE": ids,  # in the codeday conversion the input is the code's id
        "ATTENDANCE_VALUE": [CODES[code].value for _, _, _, code in rows],
        "CONVERSION_MODE_CODE": sheet.constant("codeday", len(rows)),
        "DAYPARTID": np.zeros(len(rows), dtype=np.int64),
        "COMMENT_VALUE": sheet.constant("", len(rows)),
        "UNUSED": sheet.constant("", len(rows)),
    }
    sheet.write(out / "attendance_conversion_items.txt", "ATTENDANCE_CONVERSION_ITEMS", columns)


def _ids(rows: list[tuple[SchoolYear, int, School, int]]) -> Ints:
    place = np.array([place for _, place, _, _ in rows])
    start = np.array([year.start for year, _, _, _ in rows])
    return code_id(place, start, np.array([code for _, _, _, code in rows]))


def _write_categories(out: Path, rows: list[tuple[SchoolYear, int, School, int]], ids: Ints) -> None:
    """The categories of each school and year, and which codes are in them."""
    entity: dict[tuple[int, int, str], int] = {}
    links = []
    for (year, _, school, code), number in zip(rows, ids.tolist(), strict=True):
        for category in CATEGORIES:
            entity.setdefault((year.year_id, school.number, category), len(entity) + 41)
        links += [(number, entity[year.year_id, school.number, name]) for name in CODES[code].categories]
    columns: dict[str, sheet.Column] = {
        "ID": np.array(list(entity.values())),
        "CE_CODE": [category[0] for _, _, category in entity],
        "EXTERNAL_NAME": [category for _, _, category in entity],
        "SCHOOLID": np.array([number for _, number, _ in entity]),
        "YEARID": np.array([year_id for year_id, _, _ in entity]),
    }
    sheet.write(out / "code_entity.txt", "CODE_ENTITY", columns)
    columns = {
        "ID": np.arange(len(links)) + 2_001,
        "ATTENDANCE_CODEID": np.array([code for code, _ in links]),
        "CODE_ENTITYID": np.array([number for _, number in links]),
    }
    sheet.write(out / "att_code_code_entity.txt", "ATT_CODE_CODE_ENTITY", columns)


def _write_fte(out: Path, schools: tuple[School, ...], years: tuple[SchoolYear, ...]) -> None:
    count = len(schools) * len(years)
    ids = np.concatenate([fte_id(year.start, np.arange(len(schools))) for year in years])
    columns = {
        "DCID": ids + 1_000,
        "ID": ids,
        "SCHOOLID": school_numbers(schools) * len(years),
        "YEARID": np.repeat([year.year_id for year in years], len(schools)),
        "FTE_VALUE": np.ones(count, dtype=np.int64),
        "NAME": sheet.constant("Full time", count),
        "DESCRIPTION": sheet.constant("Full time", count),
        "DFLT_ATT_MODE_CODE": sheet.constant("ATT_ModeDaily", count),
        "DFLT_CONVERSION_MODE_CODE": sheet.constant("codeday", count),
    }
    sheet.write(out / "fte.txt", "FTE", columns)
