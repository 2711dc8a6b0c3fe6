"""Addresses of the pages about students, schools, the district, deliveries and reports."""

from django.urls import path

from allpresent.web.views import district, school

student_urls = [
    path("school/", school.my_school, name="my_school"),
    path("school/<str:scope>/", school.my_school, name="school"),
    path("district/", district.district, name="district"),
]
