"""The words the desk knows: its verbs and things in their spellings, the small words around them, and typo repair."""

from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final

from paydesk.intents.words import words

#: A word for a thing -> the thing. Plurals and short forms included.
THINGS: Final = {
    word: thing
    for thing, words in {
        "payment": "payment payments transaction transactions txn txns trx purchase purchases pmt pmts"
        " paymt attempt attempts",
        "charge": "charge charges declines",
        "refund": "refund refunds reimbursement reimbursements",
        "customer": "customer customers client clients cust custs buyer buyers shopper shoppers patients donors pupils",
        "subscription": "subscription subscriptions sub subs subscriber subscribers membership memberships",
        "plan": "plan plans tier tiers",
        "invoice": "invoice invoices",
        "bill": "bill bills",
        "dispute": "dispute disputes chargeback chargebacks",
        "payout": "payout payouts",
        "product": "product products",
        "price": "price prices",
        "balance": "balance balances",
        "account": "account",
        "card": "card cards",
        "order": "order orders",
    }.items()
    for word in words.split()
}

#: Words that carry no meaning of their own for the desk: never a customer's name in lower case, never in the way.
SMALL: Final = words(
    """
    a an the this that these those my our your his her their its me us i we you he she it they them him all any some
    every each no not and or but so then than of in on at by for from to with within without into onto over under
    about as is are was were be been being am do does did done has have had having can could will would shall should
    may might must what what's which who who's whom whose when where why how there here please pls plz thanks thank
    hey hi hello ok okay just only also too now still yet already ever never again new more most much many few lot
    got get gets give show list find see view display tell fetch pull bring look up check know need want like let
    let's lets whats wheres hows im i'm i'd i'll i've we've they've you've we're we'd we'll you're they're it's
    that's there's don't doesn't
    didn't isn't aren't wasn't haven't hasn't won't can't out back down off through until till since before after
    between during per vs versus if because while both either one ones people person anyone anybody anything
    everyone everybody everything someone somebody something nothing none via using use used run quick quickly right
    currently recently lately nowadays recent latest last first next
    previous past current earlier later today right-now ago far
    whole entire full total overall including include excluding except same other another such go ahead help asap
    kindly maybe perhaps actually really very well good great sure yes yeah yep nope named called name ending ends
    ended end start starting started starts beginning onwards id ids number numbers amount amounts money date dates
    time times way kind type sort sorted order ordered status state details detail info information record records
    data summary overview breakdown report history stats statistics figures calculate compute determine summarise
    summarize retrieve obtain provide present
    enumerate produce supply remind say moment system morning afternoon evening overnight persons folks guys
    lookup whatever whoever whichever soon broken file once mind happen happened thing things well better worse along
    together worth those themselves
    whether rn mate mates ta cheers hon honey arvo pal dude bro sis love dear sir madam grateful appreciate appreciated
    obliged confirm advise share needful glad happy could've real reckon looking ya yall y'all
    """
)

#: Words that belong to questions about the account, besides the things themselves.
QUERY_WORDS: Final = words(
    """
    unsent base churned pi pis
    failed failing fail fails failure failures declined decline declines successful succeeded success successfully
    pending canceled cancelled refunded disputed partially partly incomplete uncaptured captured capture processing
    completed cleared abandoned unsuccessful bounced open closed paid unpaid overdue due past-due past_due
    outstanding draft drafts void voided uncollectible owed active inactive archived trialing trial trials paused
    live ended needs needing need response respond reply evidence answer review won lost losing delinquent transit
    arrived transferred deposited landed sent issued created joined signed registered added made received receive
    pay pays paying payer payers bought buy spend spent sold sell came come coming went renew renewing renews
    renewal renewals expire expires expiring cycle billing billed upcoming scheduled settle settled email emails
    e-mail address addresses phone domain domains gmail yahoo hotmail outlook visa mastercard amex discover card
    cards ending last4 digits bank stripe instant instantly standard available funds cash reserve currency
    currencies description descriptions metadata stripe's biggest largest highest smallest lowest newest oldest
    earliest recent top best sort sorted descending ascending highest-value revenue sales turnover income earnings
    takings volume gross net mrr arr churn rate rates ratio average avg mean median value ltv clv aov lifetime fees
    fee count growth percentage percent share size compare compared comparison against trend trends monthly weekly
    daily yearly annual quarterly recurring metric metrics analytics performance business company figures kpi kpis
    earned earn make making generated generate brought business's store shop catalogue catalog offering offer item
    items online website dashboard desk book books page pages row rows entry entries reason reasons breakdown split
    group grouped fully full partial chargeback transaction intent intents requires action authorized authorised
    uncaptured hold held stuck late behind owe owes owing worth between above below greater less fewer bigger higher
    lower smaller exceeding exceed exceeds minimum maximum least exactly precisely approx dollar limit only
    oldest-first newest-first amount amounts processed process fraudulent fraud duplicate lose losing retention
    customer's payment's search searching searches records related matching containing contain contains mention
    mentioning mentions associated linked tagged regarding concerning belonging belongs january february march april
    may june july august september october november december subscribed bill bills cost costs price priced money
    brand type types spenders spender currency's gone through did exist exists still there go through yet hit reach
    enough cover covers anyone anybody interval purchase purchased collected collect signups signup sign-ups ups
    written occurred occurring happened sitting incoming arrears looking renewals expensive costliest priciest
    reserves fiscal financial larger lesser equal
    respectively associated concerning
    regarding relating dated received
    arrived opened closed highest-paying highest-spending payed taken latest-first waiting awaiting await awaits
    happening happened happen changed day days week weeks month months quarter quarters year years weekday period
    periods cycle cycles term interval finalized finalised refundable issued catalog catalogue weekends weekdays
    mondays tuesdays wednesdays thursdays fridays saturdays sundays tagged contact contacts terminate discontinue
    nix axe debit reimburse repay undo onboard amend correct modify edit enroll enrol enlist kill drop refunding
    charging rename swap adjust overwrite insert grab grabs pull establish initiate how's who's when's where's why's
    arriving landing company's reserved country countries region shw shwo sho lsit listing do doing go going
    """
)

#: Common English that is never a customer's name when written in lower case; the desk has no other use for it.
_COMMON: Final = words(
    """
    theirs hers ours yours mine
    sadly unfortunately regrettably luckily happily thankfully honestly behalf identifier standup identify
    extra plain additional guest guests visitor visitors attendee attendees tenant tenants raffle heads become ugh
    argh oops damn
    calculated wish ls saved stored somewhere haha lol yo omg omfg hmm hm oi psst tbh ngl idk bruh
    complains complain insufficient telephone bloke blokes fella fellas chap
    chaps lad lads sheila gal lady gentleman gentlemen ladies kid kiddo customer's needful
    tiny weird odd huge massive enormous suspicious dodgy random gigantic crazy interesting unusual abnormal funky legit
    typical regular manual automatic domestic local global smaller bigger larger higher lower earlier later unique
    duplicate triple urgent pricey require requires strange statutory legal
    able above access across add added address advice agree air allow allowed alone along although always among
    answer app apple apply area arrive arrived ask asked asking atm available away baby bad bag bank banking battery
    beach bed best better big birthday bit black blue boat body book booked both bought box boy break breakfast
    broken brother build built bus business busy buy buying cable cake calendar call calling calls came camera
    cancer car care case cash cause cell certain chance change changed changes changing charger check checking
    cheque child choose city class clean clear close closed clothes club coffee cold come coming company complete
    completely computer concert contact contactless cook cool cost costs couple course cover create credit cross
    currency cut daily damaged day days dead deal dear debit decide deep delay delete deposit difference different
    dinner direct direction directions do doctor dog dollar double doubt drink drive driver drop due during early
    earn eat education eight electric electricity else email emergency empty english enough enter error euro euros
    even evening event events exact exactly exam example exchange expect expensive explain extra eye face fact fail
    failing fall family famous fare fast father favorite fee feel fees figure file fill film final finance finances
    fine fire five fix flight flights floor flower flowers fly follow food foot forget form forward four free freeze
    friend friends front fuel fun fund funds game games gas gave gift girl goal goes going gone group guess guy half
    hand happen happened happening happens happy hard hate head health hear heard heart heat held high hold holiday
    home hope horse hospital hot hotel hour hours house hungry hurt husband idea important income insurance interest
    international internet issue issued item items itself job join keep keeps key kids kill kitchen kitten knew land
    language laptop large late laundry law lawn lawyer lead learn least leave left leg less lesson letter level life
    light likely line link little live living loan local location lock long longer looking lose lost love low lower
    luck lunch machine made mail main make making man manage map market matter meal mean means meat medical medicine
    meet meeting member memory message mine minute minutes miss missing mistake mobile mom month months monthly
    mortgage mother mountain move movie movies music name near nearby nearest need needed never news newspaper nice
    night nine noon normal north note nothing notice offer office old online open opening options order orders
    original others outside own package page paid pain paint pair paper parents park part party pass passport pay
    paying pet phone photo pick picture piece pin pizza place plane plant play playing playlist plumber point policy
    poor post power practice prefer prepare present president pretty problem process processing program project
    property public purchase purpose push put quality question questions quiet quite race radio rain raise rate
    rather reach read reading ready real reason reasons receipt receive received recipe recipes red reflect
    reflected remember remind reminder rent repeat replace reply request requested required reserve reservation
    reset rest restaurant restaurants result results return reverse reward rewards rich ride ring road room rule
    rules safe safely salary sale save saving savings say saying says schedule school score sea season seat second
    seconds secure security seem seems seen sell send sending sent separate serious serve service services set seven
    several shall share shift ship shirt shoes shop shopping short shot sick side sign signal simple since sing
    single sister sit site situation six size skill sleep slow small smart smoke snow song songs soon sorry sound
    south space speak special speed spell spend spending spent sport spot spring stand standing star statement
    states stay steal steps stolen stop stopped store story straight strange street strong student study stuff
    subject suggest summer sun supper support suppose surprise sweet swim system table take taken taking talk tank
    tap tax taxes taxi teach team ten terms test text thing things think third thought three throw ticket tickets
    tip tire tired together told tomorrow tonight top touch tough tour toward town track traffic train transfer
    transferred transfers translate transport travel treat tree trip trouble true trust try trying turn tv twice two
    ugly uncle understand university unknown unless update upset usual usually vacation value variety vehicle verify
    video view visa visit voice wait waiting walk wall wallet war warm warranty wash waste watch water weather
    website week weekend weeks weight went west wet white wife wifi win wind window winter wish withdraw withdrawal
    withdrawals woman won wonder wood word words work worked working works world worry worth wrong year years
    yesterday young yourself zoo wants needs likes says asks claims thinks believes keeps gets makes takes gives
    goes comes looks seems feels tells sends pays buys owes wishes hopes tries leaves uses knows asked wanted needed
    liked tried thinks abroad activate activation age airport alarm alert ankle bake balanced bogus calculate
    california canada cards cashier cats celsius cheap chicken chocolate christmas church cities contract cooking
    country countries cup dad dance deep-fried degrees dentist dept died diet disposable doesnt approved rejected
    denied accepted confirmed requested finished done download draw dress driving duplicate eggs engine europe
    european extend eyes facebook fake fashion fees' flat flip football forecast foreign forgot fraud fraudulent
    french funny gallon german glasses google grocery groceries haircut headphones height history horror identity
    immediately incorrect india instant instead interesting invest jail japan japanese jobs joke jokes juice keys
    kinds laugh library license limit limits list listen located login lots maintenance major mexico mileage mood
    moon movies nation national oil oven pack paris password payday pending pepper percent physical pills pipe plate
    please popular population pressure print private process promise psychology radius rating reach recharge refill
    refinance registered relationship religion remaining repair reschedule resolved restore retire revert reverted
    reverse river rock rollover rome routing running russia sandwich sauce scan science scratch search seattle
    shipping shirts sky smartphone snack soccer social soup spanish spare spanish spicy sports spouse stock stocks
    storm strategy sugar suit supermarket symptoms tall tea teeth temperature tennis terminal texas theater theatre
    thirty timer timezone tires title tokens tools topup top-up toy trash trends truck tuna uber umbrella unable
    unauthorized unblock unfreeze unrecognized unsure urgent usa utility utilities vaccine vegan vegetables virtual
    visas volume warning weird wine withdrawn worst yards yellow york mistake error problem's terms online twice
    thrice altogether fully default preferred prefer around roughly approximately approx nearly almost circa
    partially partly completely entirely instead immediately effective amp website store shop site app europe
    germany france usa uk america canada australia japan india china spain italy
    pause unpause unpaused resume resumed resuming pausing seats licence licences licenses quantity upgrade upgraded
    upgrading downgrade downgraded downgrading reactivate reactivated reinstate proration prorate prorated prorating
    release released switch switched switching suspend suspended migrate collection collections collecting uncancel
    authorize authorise authorization authorisation preauthorize abort holds prolong shorten lengthen increase decrease
    reduce bump user users
    """
)

_REPAIRABLE: Final = tuple(
    sorted(
        {word for word in THINGS if len(word) >= 5}
        | words(
            """
            refund reimburse cancel create update subscribe register unsubscribe charge failed succeeded successful
            pending canceled cancelled disputed refunded partially incomplete declined active archived trialing
            overdue unpaid draft uncollectible revenue churn customer average lifetime dispute failure payout
            balance analytics metadata description available email yesterday today tomorrow january february march
            april august september october november december monday tuesday wednesday thursday friday saturday
            sunday month quarter year weekly monthly yearly annual largest biggest smallest newest oldest latest
            recent delinquent search invoice product instant between dollar dollars euros pounds change retrieve
            """
        )
    )
)
_BY_LETTER: Final = {letter: tuple(group) for letter, group in groupby(_REPAIRABLE, itemgetter(0))}
# One slip of the finger away from a word of ours, and words of their own.
_NOT_SLIPS: Final = words(
    """
    patient archive decline captured capture change changed changes large larger barge charged charger
    chargers charging
    refunds refunding refunder crate creates created creating creator crease updated updates updating upstate uptake
    cancels canceling cancelling cancellation cancer chancel product produce produced products deduct conduct
    customs custom costumer customize priced pricey payday payments placement basement plants planes planet claims
    subscribed subscribes subscribing describe described prescribe inscribe registers registered registering
    registry filed fails failing fail failures succeeds succeed success successfully declines decline trail trailing
    tailing activate actively inactive attractive passive motive acting average averages avenue revenues reverse
    revenge church churns disputes disputing disrepute search searches searched searching research latest latex
    later largely large bigger oldest older recently decent resent recant instance distant insist constant draft
    drafts craft drift month mouth moth monthly months year yearn years weekly weakly weekday week email emails mail
    detail details metal marched marching april apron pride plank prime
    """
)
#: Names that are no slips of our words either.
NAMES: Final = words(
    """
    charles billy marco clint monte monty marcy marci augusta prince augustus princess apryl tiera frida marth billi
    avril marsh boyer clements byers beyer searcy bayer largent weekley biles prine augusto yeary
    """
)
KNOWN: Final = frozenset(THINGS) | SMALL | QUERY_WORDS | _COMMON | frozenset(_REPAIRABLE) | _NOT_SLIPS | NAMES


def is_common(word: str) -> bool:
    """Whether a lower-case word is plain English or the desk's own, and so no customer's name."""
    return word in KNOWN and word not in NAMES


@lru_cache(maxsize=4096)
def repaired(word: str) -> str:
    """A lower-case word with a typing slip mended if it is one or two letters from a word of ours; else as it was."""
    if len(word) < 5 or word in KNOWN or not word.isalpha() or not word.isascii():
        return word
    # Loading it costs more than a whole parse, and most sentences have no unknown word.
    from rapidfuzz.distance import OSA

    allowed = 1 if len(word) < 8 else 2
    best, distance = word, allowed + 1
    for known in _near(word[0], len(word), allowed):
        found = OSA.distance(word, known, score_cutoff=allowed)
        if found < distance:
            best, distance = known, found
    return best


@lru_cache(maxsize=1024)
def _near(letter: str, size: int, allowed: int) -> tuple[str, ...]:
    """Our words that begin with `letter` and are at most `allowed` letters longer or shorter than `size`."""
    return tuple(known for known in _BY_LETTER.get(letter, ()) if abs(len(known) - size) <= allowed)
