"""Addresses of the pages about letters to families."""

from django.urls import path

from allpresent.web.views import letters

letter_urls = [
    path("letters/", letters.desk, name="letters"),
    path("letters/verify/", letters.verify, name="letters_verify"),
    path("letters/approve/", letters.approve, name="letters_approve"),
    path("letters/produce/", letters.produce, name="letters_produce"),
    path("letters/pull-back/", letters.pull_back, name="letters_pull_back"),
    path("letters/<int:letter_id>/", letters.letter, name="letter"),
    path("letters/<int:letter_id>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("letters/<int:letter_id>/came-back/", letters.came_back, name="letter_came_back"),
    path("letters/batches/<int:batch_id>/", letters.batch, name="letter_batch"),
    path("letters/batches/<int:batch_id>/letters.pdf", letters.batch_pdf, name="letter_batch_pdf"),
    path("letters/batches/<int:batch_id>/mailed/", letters.mail, name="letter_mail"),
    path("letters/batches/<int:batch_id>/unmail/", letters.unmail, name="letter_unmail"),
]
