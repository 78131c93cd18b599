"""A study of the default model: on many tables, beside logistic regression and an RBF-SVC.

``python -m qmlplay.examples.study`` runs all of it and writes a page with a picture;
``--quick`` takes four small tables and one seed. With ``--validate`` settings of the model are
compared inside the training parts alone: that is how the defaults were chosen, before any test
part was looked at.
"""
