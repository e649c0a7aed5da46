# Keys, codes, safety, and the language.
dial *4#
> 6
fa: 9- بیشتر
en: 5- Help
> 5
fa: شماره گزینه
en: Type the number
> 1
fa: *4*2020#
en: *4*2020#

dial *4*99*2#
fa: هرگز رمز کارت
en: never asks for the PIN

# of a number that nobody else has: the language stays
dial *4*98# number=989120000008
both: Language
> 2
en: Dolat Hamrah
fa: Dolat Hamrah
