"""ENGLISH WORDS that tell no company by themselves: of questions, accounting, time, places, and the
everyday words that companies like to call themselves. It knows no company."""

from __future__ import annotations

# Words of questions, of accounting, of time: they name nothing, however they are written.
TRADE = frozenset(
    """
    a an and are as at based basing by can compare compared did do does for from give had
    has have how i if in into is it its of on or our please than that the their them these
    they this those to us usa versus vs was we were what when where which who whom whose why
    will with would you your according among answer both calculate compute describe explain
    using list name provide report round show state summarize tell find identify between
    during since until through not no all any each every per other january february march
    april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec q1 q2 q3 q4 h1 h2 fy cy ytd usd eur gbp sec gaap ifrs non item
    items form annual annually quarterly fiscal year years yearly quarter quarters month
    months today yesterday tomorrow filing filings statement statements note notes balance
    sheet income cash flow flows operation operations operating earnings earning revenue
    revenues sale sales net gross profit profits loss losses margin margins ebitda ebit
    ebitdar eps r&d sg&a capex pp&e ppe ppne cogs roa roe roic roce dpo dso dio fcf ar ap
    md&a mda p&l agm management discussion analysis risk risks factor factors ratio ratios
    total assets asset liabilities liability equity ceo cfo coo cto board director directors
    nasdaq nyse act commission consolidated debt debts dividend dividends shares share tax
    taxes rate rates inventory inventories turnover working current quick interest expense
    expenses cost costs days payable payables receivable receivables accounts outstanding
    million millions billion billions thousand thousands e.g i.e eg ie goodwill result
    results growth price prices amount amounts number value values average change changes
    increase decrease difference percent percentage backlog headcount segment segments
    business businesses division unit region product products customer customers employee
    employees shareholder shareholders stockholder stockholders investor investors supplier
    suppliers competitor competitors parent subsidiary subsidiaries firm firms issuer
    registrant organization auditor auditors management's women men children people everyone
    lease leases depreciation amortization impairment restructuring guidance outlook
    acquisition acquisitions d&a g&a o&m cagr arpu aum nim wacc nopat ccc ffo affo noi arr
    mrr gmv tam roi irr npv bps asc asu fasb pcaob sox irs fda epa ftc doj esg covid
    covid-19 rsu rsus psu espp ipo ebt ebitdax yoy qoq ttm ltm gdp cpi libor sofr opex ai hr
    ii iii iv adjusted core primary final key major main
    """.split()
)
# Places: they narrow a question, but are no companies.
PLACES = frozenset(
    """
    africa america americas american asia asian australia austria belgium brazil britain
    british canada canadian chile china chinese colombia czech denmark dutch egypt emea apac
    england europe european finland france french german germany greece hungary india indian
    indonesia ireland israel italy italian japan japanese kingdom korea latam latin malaysia
    mexico middle netherlands nigeria norway oceania pacific pakistan peru philippines
    poland portugal romania russia russian saudi scotland singapore spain spanish states
    sweden swiss switzerland taiwan thailand turkey uae uk ukraine us united usa vietnam
    wales atlantic north northern south southern east eastern west western central midwest
    california texas york florida international global worldwide domestic foreign world
    """.split()
)
# Words of every day that companies like to call themselves: by themselves they name none.
EVERYDAY = frozenset(
    """
    advanced air airlines allied ally apparel applied arts associated auto automotive bank
    banks bath best big black block blue bond box brand brands bright business businesses
    buy cable camping capital car card care carbon casual cedar century chemical chemicals
    choice city clean clear climate cloud club coal coast coffee comfort commerce commercial
    common communication communications community computer connect consumer contact
    container control core corner credit crown data dairy delta depot design destination
    digital direct discover discovery dollar dream drug dynamics eagle earth edge education
    electric electronic electronics element elevator emerging energy engineering enterprise
    enterprises entertainment entry environmental equipment equitable essential estate
    exchange express family farm fashion fast federal fidelity final finance financial first
    five flag focus food foods foot forest fox freight fresh front fuel full fund future
    game games gap gas general generation gold golden good grand graphic gravity great green
    ground group growth guardian harbor hardware health healthcare heart heritage high
    holding holdings home homes hotel hotels house human ice image independence independent
    industrial industries industry information innovation inspire instruments insurance
    intelligence interactive internet investment investments iron jet key kind lab labs lake
    land lease leisure liberty life light lightning line lines lion local locker logic
    logistics loop lucky machines marathon marine market markets match material materials
    media medical merit metal metals micro mill mills mobile model modern money moon motor
    motors mutual national natural nature network networks new news next night oil old one
    open option orange organic outdoor packaging paper parks partner partners patterson
    payment payments people performance petroleum pharma pharmaceutical pharmaceuticals
    pioneer pipeline plan plant plastics platform plus point pool power precision premier
    presentation press prime principal pro process progress progressive project property
    properties prudential public publishing pump pumps quality quest rail railroad ready
    real realty red regal regional release relay reliable reliance republic research resort
    resorts resource resources restaurant restaurants retail ring river road rock root royal
    safe science sciences sea seal second secure security securities select semiconductor
    senior service services shell shift ship shop signal signature silver simply sky smart
    snap social software solar solution solutions source space spirit sports spring square
    standard star steel sterling stock storage store stores strategic strategy stream summit
    sun super supply surgical synergy system systems target team technologies technology
    telecom telecommunications telephone terra third time times tool tools toy trade trading
    transport transportation travel tree trust twin ultra union unity universal university
    up upstart urban utilities utility valley valve valves vantage venture ventures victory
    video village vision visa vital wall waste watch water wave web wellness white wild wind
    wireless women wonder wood work works yield young zero zone analyst annual document
    draft earnings file filed filings transcript slides deck summary overview letter exhibit
    appendix
    """.split()
)
