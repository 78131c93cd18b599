"""The methods of fitted estimators that make TensorFlow Lite files and web pages of them."""

from __future__ import annotations

from os import PathLike

__all__ = ["EdgeExportsMixin"]


class EdgeExportsMixin:
    """The base of estimators that can go to a phone, a small board or a browser."""

    def to_tflite(self, path: str | PathLike[str] | None = None, *, form: str = "auto") -> bytes:
        """Return the trained model as a file of TensorFlow Lite, and write it to a path.

        It takes float32 features of shape (n_samples, n_features), in the units of the training
        data, and returns ``label`` (the place in ``classes_``) and ``probabilities``, or of a
        regressor ``prediction``.

        Parameters
        ----------
        path : str or path-like, optional
            The file; an older one of that name is replaced.
        form : {"auto", "circuit", "fourier"}, default="auto"
            A state vector, the trigonometric polynomial that is as exact, or what is shorter.

        Returns
        -------
        bytes
            The file. ai-edge-litert runs it, without TensorFlow and without qmlplay.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If it has more than 10 qubits, or angles that are no sums of products of features.
        ImportError
            If TensorFlow is not installed; the text is the command to type.

        See Also
        --------
        qmlplay.export.to_tflite : of pipelines as well, and what is in the file.
        """
        from qmlplay.export.tflite import to_tflite

        return to_tflite(self, path, form=form)

    def to_html(self, path: str | PathLike[str] | None = None, *, title: str | None = None) -> str:
        """Return a page that runs the trained model in a browser, and write it to a path.

        One file without a server and without a network: a slider per feature, probabilities or
        numbers, the plane of two features, and many rows at once.

        Parameters
        ----------
        path : str or path-like, optional
            The file; an older one of that name is replaced.
        title : str, optional
            Of the page; the name of the class by default.

        Returns
        -------
        str
            The page.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If it has more than 10 qubits, or angles that are no sums of products of features.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["fir", "oak"])
        >>> clf.to_html(title="Trees").splitlines()[0]
        '<!DOCTYPE html>'

        See Also
        --------
        qmlplay.export.to_html : of pipelines as well, and what is on the page.
        """
        from qmlplay.export.html_page import to_html

        return to_html(self, path, title=title)
