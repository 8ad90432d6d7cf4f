"""The handlers that AWS Lambda calls: one folder for each function."""

import warnings

# requests guesses encodings with a library that the package omits (cli/artefact/libraries.py), and
# warns of it at its import: requests/__init__.py, check_compatibility.
warnings.filterwarnings("ignore", "Unable to find acceptable character detection dependency")
