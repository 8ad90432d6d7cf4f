"""What AWS calls: one folder for each function."""

import warnings

# requests guesses encodings with a library that the package leaves out (cli/artefact/libraries.py),
# and says so at its import: requests/__init__.py, check_compatibility.
warnings.filterwarnings("ignore", "Unable to find acceptable character detection dependency")
