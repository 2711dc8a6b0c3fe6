"""One small file of every publication the program knows, with room for what stands in its cells of figures."""

EDSIGHT = """Chronic Absenteeism
"District: all","2023-24"
Extracted for comparison

"District","District Code","School","School Code","Category","Student Group","Student Count","Count","Rate"
"Elm Harbor",="0930011","","","All Students","All Students","17,679","{}","{}"
"""
CALIFORNIA = (
    "Academic Year\tAggregate Level\tCounty Code\tDistrict Code\tSchool Code\tCounty Name\tDistrict Name\tSchool Name\t"
    "Charter School\tDASS\tReporting Category\tChronicAbsenteeismEligibleCumulativeEnrollment\t"
    "ChronicAbsenteeismCount\tChronicAbsenteeismRate\n"
    "2023-24\tD\t01\t10017\t\tSomewhere\tElm Harbor\t\tAll\tAll\tTA\t17679\t{}\t{}\n"
)
DAILY = """<?xml version="1.0" encoding="utf-8"?>
<ATTENDANCE>
 <ITEM><DBN>01M015</DBN><ATTN_DATE_YMD>20260908</ATTN_DATE_YMD><ATTN_PCT>{}</ATTN_PCT></ITEM>
</ATTENDANCE>
"""
ENGLAND = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,education_phase,characteristic_group,characteristic,enrolments,enrolments_pa_10_exact,"
    "enrolments_pa_10_exact_percent\n"
    "202324,Academic year,Local authority,E92000001,England,E12000004,East Midlands,831,E06000015,Elm Harbor,"
    "Total,Total,Total,17679,{},{}\n"
)
# file beside a sample: its name and text
BESIDE = {
    "explore_education": (
        "absence.meta.csv",
        "col_name,col_type,label,indicator_grouping,indicator_unit,indicator_dp,filter_hint,filter_grouping_column\n"
        "education_phase,Filter,School type,,,,,\n"
        "characteristic,Filter,Characteristic,,,,,characteristic_group\n"
        "enrolments,Indicator,Number of pupil enrolments,Absence fields,,,,\n"
        "enrolments_pa_10_exact,Indicator,Number of persistent absentees,Absence fields,,,,\n"
        "enrolments_pa_10_exact_percent,Indicator,Share of persistent absentees,Absence fields,%,1,,\n",
    )
}
# layout: name of a file, its text, and the figures that may stand in it
SAMPLES = {
    "edsight": ("edsight.csv", EDSIGHT, ("7420", "42.0")),
    "california": ("chronic24.txt", CALIFORNIA, ("7420", "42.0")),
    "canonical": (
        "aggregates.csv",
        "year,geo_level,geo_id,dim,value,n_students,n_chronic,rate_pct\n2023-24,district,093,All,All,17679,{},{}\n",
        ("7420", "42.0"),
    ),
    "ed_data_express": (
        "express.csv",
        "School Year,State,NCES LEA ID,LEA,Data Group,Population,Subgroup,Value\n"
        "2022-2023,CONNECTICUT,0902790,Elm Harbor,814,All Students,All Students,{}\n",
        ("7420",),
    ),
    "edfacts": (
        "edfacts.csv",
        "SCHOOL_YEAR,STNAM,NCESSCH,SCHNAM,SUBGROUP,NUMERIC_VALUE\n2020-2021,CONNECTICUT,090279000111,Elm,ALL,{}\n",
        ("7420",),
    ),
    "workbook_by_year": (
        "state.csv",
        "District Code,District Name,Student Group,2023-24 Count,2023-24 Rate\n0042,Elm Harbor,All,{},{}\n",
        ("7420", "42.0"),
    ),
    "explore_education": ("absence.csv", ENGLAND, ("7420", "42.0")),
    "daily_xml": ("daily.xml", DAILY, ("91.23",)),
    "canonical_days": ("days.csv", "date,school_id,attendance_pct\n2026-09-08,01M015,{}\n", ("91.23",)),
}
