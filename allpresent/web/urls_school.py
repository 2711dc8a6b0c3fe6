"""Addresses of the pages about students, schools, the district, deliveries and reports."""

from django.urls import path

from allpresent.web.views import district, school, student

student_urls = [
    path("students/<str:student_id>/", student.student, name="student"),
    path("students/<str:student_id>/days/", student.student_days, name="student_days"),
    path("students/<str:student_id>/who/", student.student_who, name="student_who"),
    path("students/<str:student_id>/note/", student.add_note, name="add_note"),
    path("students/<str:student_id>/verify/", student.verify, name="verify_attendance"),
    path("steps/<int:step_id>/done/", student.close_step, name="close_step"),
    path("steps/<int:step_id>/exempt/", student.exempt_step, name="exempt_step"),
    path("school/", school.my_school, name="my_school"),
    path("school/<str:scope>/", school.my_school, name="school"),
    path("district/", district.district, name="district"),
]
