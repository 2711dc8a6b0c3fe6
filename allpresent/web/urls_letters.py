"""Addresses of the pages about letters to families."""

from django.urls import path

from allpresent.web.views import letter_acts, letters

letter_urls = [
    path("letters/", letters.desk, name="letters"),
    path("letters/verify/", letter_acts.verify, name="letters_verify"),
    path("letters/approve/", letter_acts.approve, name="letters_approve"),
    path("letters/produce/", letter_acts.produce, name="letters_produce"),
    path("letters/pull-back/", letter_acts.pull_back, name="letters_pull_back"),
    path("letters/<int:letter_id>/", letters.letter, name="letter"),
    path("letters/<int:letter_id>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("letters/<int:letter_id>/came-back/", letter_acts.came_back, name="letter_came_back"),
    path("letters/batches/<int:batch_id>/", letters.batch, name="letter_batch"),
    path("letters/batches/<int:batch_id>/letters.pdf", letters.batch_pdf, name="letter_batch_pdf"),
    path("letters/batches/<int:batch_id>/mailed/", letter_acts.mail, name="letter_mail"),
    path("letters/batches/<int:batch_id>/unmail/", letter_acts.unmail, name="letter_unmail"),
]
