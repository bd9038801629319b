//! The catalogue of stable codes. A code, once released, keeps its meaning for ever and is never used again.
//!
//! `MP01` reading and syntax, `MP02` documents, `MP03` expressions, `MP04` resolving, `MP05` planning,
//! `MP06` state, `MP07` applying, `MP08` providers, `MP09` command line.

use std::fmt;

/// A stable code, such as `MP0203`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code($code);)*
        /// Every code there is.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    /// A file cannot be read.
    UNREADABLE = "MP0101";
    /// A file is not UTF-8.
    NOT_UTF8 = "MP0102";
    /// The YAML is malformed.
    YAML_SYNTAX = "MP0103";
    /// The HCL, or an expression or template, is malformed.
    HCL_SYNTAX = "MP0104";
    /// A key stands twice in one mapping or block.
    DUPLICATE_KEY = "MP0105";
    /// A limit on size, depth or number was passed.
    LIMIT = "MP0106";
    /// There is no spec in the folder.
    NO_SPEC = "MP0107";
    /// A file lies outside the project's folder.
    OUTSIDE_ROOT = "MP0108";

    /// The kind is not one of ours.
    UNKNOWN_KIND = "MP0201";
    /// The `apiVersion` is not one that this version reads.
    UNKNOWN_API_VERSION = "MP0202";
    /// The key, attribute or block is not known here.
    UNKNOWN_KEY = "MP0203";
    /// Something required is missing.
    MISSING_KEY = "MP0204";
    /// The value has the wrong type or form.
    WRONG_TYPE = "MP0205";
    /// The name does not match the rule for names.
    BAD_NAME = "MP0206";
    /// Two documents of a kind have one name.
    DUPLICATE_NAME = "MP0207";
    /// The value is of the right type but not allowed.
    BAD_VALUE = "MP0208";

    /// No function has this name.
    UNKNOWN_FUNCTION = "MP0301";
    /// The function cannot take these arguments.
    BAD_ARGUMENT = "MP0302";
    /// The operator cannot take these operands.
    BAD_OPERAND = "MP0303";
    /// The value has no such attribute or element.
    NO_SUCH_ATTRIBUTE = "MP0304";
    /// The expression cannot be evaluated for another reason.
    EVALUATION = "MP0305";
    /// The name means nothing here.
    UNKNOWN_NAME = "MP0306";

    /// A reference to something that is not declared.
    UNDECLARED = "MP0401";
    /// Things refer to each other in a circle.
    CYCLE = "MP0402";
    /// A variable that nothing declares was given.
    UNDECLARED_VARIABLE = "MP0403";
    /// A variable has no value.
    VARIABLE_UNSET = "MP0404";
    /// A variable's value breaks a validation rule.
    VARIABLE_INVALID = "MP0405";
    /// `count`, `for_each`, `enabled` or something else that decides the shape is not known at plan time.
    UNKNOWN_SHAPE = "MP0406";
    /// `count` or `for_each` has an impossible value.
    BAD_REPETITION = "MP0407";
    /// The environment does not exist, or has to be chosen.
    ENVIRONMENT = "MP0408";
    /// The reference is to something that this environment lacks or has disabled.
    NOT_IN_ENVIRONMENT = "MP0409";

    /// The target matches nothing.
    NO_TARGET = "MP0501";
    /// The plan would destroy what `prevent_destroy` protects.
    PREVENT_DESTROY = "MP0502";
    /// The saved plan is refused: stale, used, damaged or of another project.
    PLAN_REFUSED = "MP0503";
    /// A precondition or postcondition does not hold.
    CONDITION = "MP0504";
    /// A resource that is to be moved, removed or imported cannot be.
    ADOPTION = "MP0505";

    /// The state store cannot be used.
    STORE = "MP0601";
    /// Somebody else holds the lock.
    LOCKED = "MP0602";
    /// An interrupted operation has to be settled first.
    OPEN_OPERATION = "MP0603";
    /// The store is damaged.
    DAMAGED = "MP0604";

    /// A step failed.
    STEP_FAILED = "MP0701";
    /// A step's outcome is not known.
    IN_DOUBT = "MP0702";
    /// The provider broke its word.
    INCONSISTENT = "MP0703";

    /// The provider is not known.
    UNKNOWN_PROVIDER = "MP0801";
    /// The resource type is not known.
    UNKNOWN_TYPE = "MP0802";
    /// The provider refused the configuration.
    PROVIDER_REFUSED = "MP0803";
    /// The provider failed.
    PROVIDER_FAILED = "MP0804";

    /// The command line cannot be understood.
    USAGE = "MP0901";
    /// The command was declined or cannot ask.
    DECLINED = "MP0902";
    /// A bug in mpctl.
    INTERNAL = "MP0999";
}
