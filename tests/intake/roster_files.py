"""The plain district of two schools as a OneRoster bundle, drawn as text."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.posting import Posted
from tests.intake.folders import NOW, TODAY, write

HEADERS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,"
    "blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,"
    "hispanicOrLatinoEthnicity,countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId",
}
ROWS: dict[str, tuple[str, ...]] = {
    "orgs": ("d1,,,Town,district,,", "o1,,,Harbor,School,100,d1", "o2,,,North,school,200,d1"),
    "academicSessions": ("t1,,,Year,schoolYear,2026-08-31,2027-06-18,,2027",),
    "courses": ("c1,,,t1,Mathematics,M1,,d1,,",),
    "classes": ("k1,,,Mathematics 1,,c1,M1-1,scheduled,,o1,t1,,,", "k2,,,,,c1,HR,homeroom,,o2,t1,,,"),
    "users": (
        "u1,,,true,o1,student,ana,{SASID:0012},Ana,Ruiz,,0501,,,,g1,01,hunter2",
        "u2,,,true,o1,Student,ben,,Ben,Diaz,,0502,,,,,KG,",
        "u3,,,true,o2,student,cy,,Cy,Poe,,0503,,,,,10,",
        "g1,,,true,o1,guardian,rosa,,Rosa,Ruiz,,,rosa@x.example,555-0101,555-0102,,,",
        'w1,,,true,"o1,o2",teacher,eve,,Eve,Moss,,9,eve@x.example,,,,,',
    ),
    "enrollments": (
        "e1,,,k1,o1,u1,student,,2026-09-01,2026-12-01",
        "e2,,,k1,o1,u2,student,,,",
        "e3,,,k2,o2,u3,STUDENT,,2026-08-31,",
        "e4,,,k1,o1,w1,teacher,true,,",
    ),
    "demographics": (
        "u1,,,2019-05-04,female,false,false,false,false,true,false,true,,,,",
        "u2,,,2020-01-09,male,false,true,false,false,true,false,false,,,,",
    ),
}


def manifest(version: str = "1.1", **modes: str) -> str:
    """A manifest of these files and modes."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    return "".join(f"{line}\n" for line in [*lines, *(f"file.{name},{mode}" for name, mode in modes.items())])


def bundle(mode: str = "bulk", **changed: tuple[str, ...]) -> dict[str, str]:
    """The files of a bundle: the district in bulk with some files' rows changed, or a delta of these rows alone."""
    rows = ROWS | changed if mode == "bulk" else changed
    files = {f"{name}.csv": "".join(f"{line}\n" for line in (HEADERS[name], *lines)) for name, lines in rows.items()}
    return files | {"manifest.csv": manifest(**dict.fromkeys(rows, mode))}


def without(files: Mapping[str, str], *names: str) -> dict[str, str]:
    """The files but for some."""
    return {name: text for name, text in files.items() if name not in names}


def post_roster(
    tmp_path: Path, files: Mapping[str, str | bytes], name: str, source: str = "oneroster", **options: object
) -> Posted:
    """Post a bundle into the home below ``tmp_path``."""
    told: dict[str, object] = {"today": TODAY, "now": NOW + timedelta(hours=1), **options}
    return intake.post_delivery(tmp_path / "home", source, write(tmp_path / name, files), **told)  # type: ignore[arg-type]


def exported(tmp_path: Path, checked: Checked) -> Path:
    """The folder of a delivery's canonical export."""
    intake.export_canonical(checked, tmp_path / "out")
    return tmp_path / "out"


SDS: dict[str, str] = {
    "orgs.csv": "sourcedId,name,type,parentSourcedId\n0,Town,district,\n100,Harbor,school,0\n200,North,School,0\n",
    "academicSessions.csv": "sourcedId,title,type,schoolYear,startDate,endDate\nt1,Year,schoolYear,2026,2026-08-31,"
    "2027-06-18\n",
    "courses.csv": "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade\nc1,100,Mathematics,M1,t1,,\n",
    "classes.csv": "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId\nk1,100,Mathematics 1,t1,c1\n"
    "k2,200,,t1,c1\n",
    "users.csv": "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n"
    "0501,ana,Ana,Ruiz,hunter2,,,,\n0502,ben,Ben,Diaz,,,,,\n0503,cy,Cy,Poe,,,,,\n"
    "p1,rosa,Rosa,Ruiz,,,rosa@x.example,555-0101,555-0102\n9,eve,Eve,Moss,,,eve@x.example,,\n",
    "roles.csv": "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\n"
    "0501,100,student,t1,01,true,,\n0502,100,Student,t1,KG,,,\n0503,200,student,t1,10,TRUE,2026-08-31,\n"
    "9,100,teacher,t1,,,,\n9,200,teacher,t1,,true,,\n0503,100,student,t0,09,,2025-08-31,2026-06-18\n",
    "enrollments.csv": "classSourcedId,userSourcedId,role\nk1,0501,student\nk1,0502,student\nk2,0503,Student\n"
    "k1,9,teacher\n",
    "userFlags.csv": "userSourcedId,flag\n0501,iep\n0501,freeLunch\n0502,chess\n",
    "relationships.csv": "userSourcedId,relationshipUserSourcedId,relationshipRole\n0501,p1,parent\n",
    "demographics.csv": "userSourcedId,sex,birthDate,birthCity,birthState,birthCountry,ethnicityCodes,raceCodes\n"
    '0501,female,2019-05-04,,,,hispanicOrLatinoEthnicity,white\n0502,male,2020-01-09,,,,,"asian,white"\n',
}
