"""The made-up business that a new sandbox begins with: Lantern, who sell booking software and what goes with it.

Its people and wishes are drawn from a seed (`names`, `plans`, `customers`, `orders`, `subscribers`), then lived through
from the first day to today by the sandbox's own rules (`past`, `life`, `payouts`), and written at once (`build`).
"""
