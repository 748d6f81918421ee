"""The one tree of errors, shared by all packages.

::

    LeadScoringError
    ├── DataError              a table or a lead that cannot be used
    │   ├── SchemaError        a column, value or file is not what it should be
    │   └── LeakageError       a column tells the outcome
    ├── ConfigError            a file or setting that a person wrote
    │   ├── MappingError       the mapping of an export
    │   └── AgreementError     the agreement of marketing and sales
    ├── ModelError             a trained model
    │   ├── BundleError        a bundle that is damaged, unknown or incomplete
    │   └── SignatureError     a bundle or agreement whose signature is wrong or absent
    ├── TrainingError          (training/errors.py)
    └── ServiceError           (service/errors.py)

Messages say what is wrong, where (file, line or column, how many leads) and what was
expected. They never show a personal value.
"""


class LeadScoringError(Exception):
    """Anything that this product reports to the person who uses it."""


class DataError(LeadScoringError):
    """A table or a lead cannot be used."""


class SchemaError(DataError):
    """A file, column or value is not what it should be."""


class LeakageError(DataError):
    """A column tells the outcome."""


class ConfigError(LeadScoringError):
    """A file or a setting that a person wrote cannot be used."""


class MappingError(ConfigError):
    """The mapping of a CRM export cannot be used."""


class AgreementError(ConfigError):
    """The agreement of marketing and sales cannot be used."""


class ModelError(LeadScoringError):
    """A trained model cannot be used."""


class BundleError(ModelError):
    """A bundle is damaged, unknown or incomplete."""


class SignatureError(ModelError):
    """The signature of a bundle or an agreement is wrong or absent."""
