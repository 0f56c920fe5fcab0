"""Words that say nothing about what is sought, by language, as `words.fold` leaves them.

Kept short on purpose: a word missing here only costs a little, a word too many cannot be asked for in a sentence. So
what is a word of its own in a language that many ask in is left out, such as Romanian "care" or German "war".
"""


def _of(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


STOP_WORDS: dict[str, frozenset[str]] = {
    "en": _of(
        "a about after all also although am an and any are aren as at be because been being both but by can",
        "cannot many could couldn d did didn do does doesn doing don each either else ever every for from had",
        "hadn has hasn have having he her here hers him his how however i if in into is isn it its itself",
        "just ll may me might mine more most much must my no nor not of on one or other our ours own re s",
        "shall she should shouldn so some stop such t than that the their theirs them then there these they this",
        "those though through to too upon us ve very was wasn we were weren what when where whether which",
        "while who whom whose why will with won would wouldn yet you your yours",
    ),
    "es": _of(
        "a al algo algun alguna algunas alguno algunos ante aquel aquella aquellas aquellos asi aun aunque",
        "cada casi como con contra cual cuales cualquier cuando cuanta cuantas cuanto cuantos cuya cuyas cuyo",
        "cuyos de del desde donde dos durante e el ella ellas ello ellos en entre era eran eres es esa esas",
        "ese eso esos esta estaba estaban estan estar estas este esto estos fue fueron ha habia habian han",
        "hasta hay he la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros nuestra nuestras",
        "nuestro nuestros o os otra otras otro otros para pero poco por porque pues que quien quienes se sea",
        "podemos puede pueden sean segun ser",
        "si sido sin sobre solo son su sus tal tambien tan tanto te tiene tienen toda todas",
        "todo todos tu tus u un una unas uno unos y ya yo",
    ),
    "fr": _of(
        "a afin ai ainsi alors apres as au aucun aucune aura aussi autre autres aux avait avant avec avez",
        "avoir avons c ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez ci comme",
        "comment d dans de depuis des deux donc dont du durant elle elles en encore entre es est et etaient",
        "etait ete etes etre eux fait faut fut furent ici il ils j je jusqu jusque l la laquelle le lequel",
        "les lesquelles lesquels leur leurs lors lorsque lui m ma mais me meme memes mes moi moins mon n ne",
        "ni nos notre nous on ont ou par parce pas pendant peu peut peuvent plus plusieurs plutot pour",
        "pourquoi pouvons puis qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera ses si sien",
        "sinon soit son sont sous sur t ta tandis te tel telle telles tels tes toi ton tous tout toute toutes",
        "tres trop tu un une vers voici voila vos votre vous y",
    ),
    "it": _of(
        "a abbia abbiamo ad ai al alcun alcuna alcune alcuni alla alle allo altra altre altri altro anche",
        "ancora avere aveva avevano c che chi ci cio cioe come con cosa cosi cui d da dagli dai dal dall",
        "dalla dalle dallo dei degli del dell della delle dello di dopo dove due e ed egli ella era erano",
        "essa esse essere essi esso fra fu furono gia gli ha hai hanno ho i il in io l la le lei li lo loro",
        "lui ma me mentre mi mia mie miei mio molto ne negli nei nel nell nella nelle nello no noi non nostra",
        "nostre nostri nostro o od ogni oppure per perche percio piu poi proprio pure qual quale quali quando",
        "puo possiamo possono quanta quante quanti quanto",
        "quel quella quelle quelli quello questa queste questi questo qui s sara",
        "se sei sempre senza si sia siano sono sotto sta stata state stati stato su sua sue sugli sui sul",
        "sull sulla sulle sullo suo suoi tale tali tanto te ti tra tu tutta tutte tutti tutto un una uno v vi",
        "voi",
    ),
    "ar": _of(
        "في من الي علي عن مع هذا هذه ذلك تلك هو هي هم هما هن انا نحن انت ان او ام لم لن لا ما ماذا متي اين",
        "كيف لماذا كم هل الذي التي الذين اللذان اللتان اللاتي كان كانت كانوا يكون تكون قد لقد ثم بل لكن ولكن",
        "اذا حيث بين كل بعض اي ايه عند عندما منذ حتي بعد قبل غير كما لدي له لها لهم به بها بهم فيه فيها منه",
        "منها عليه عليها اليه اليها عنه عنها ليس ليست سوف ايضا و ف ب ل ك مما ممن وهو وهي اذ",
    ),
    "de": _of(
        "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bis bist da dabei",
        "damit dann das dass dein deine dem den denen denn der deren des dessen deshalb dich die dies diese diesem",
        "diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer fur",
        "gibt hab habe haben hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede",
        "jedem jeden jeder jedes kann kein keine keinen konnen konnte konnten mehr meine mit mich mir muss mussen",
        "nach nicht noch nur ob oder ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so solche",
        "soll sollen sollte sondern sowie uber um und uns unser unsere unseren unter vom von vor wann waren warum",
        "was weil welche welchem welchen welcher welches wenn wer werden wem wen wie wieder wir wird wo woher",
        "wohin wollen worden wurde wurden zu zum zur zwischen",
    ),
    "pt": _of(
        "a ao aos aquela aquelas aquele aqueles aquilo as cada com como da das de dela delas dele deles depois do",
        "dos e ela elas ele eles em entre era eram essa essas esse esses esta estamos estao estas estava este",
        "estes eu foram ha isso isto ja lhe lhes mais mas me mesmo meu meus minha minhas muito na nao nas nem no",
        "nos nossa nossas nosso nossos num numa o onde os ou para pela pelas pelo pelos podem podemos pode por",
        "porque qual quais quando que quem se seja sem ser seu seus so sao sobre sua suas tambem tem temos ter",
        "teve tinha tu um uma umas uns voce voces",
    ),
    "ro": _of(
        "a ai al ale am ar are as asa asta au ca cand ce cea cei cele celor cu cum cate cati da dar daca de deci",
        "despre din dintre dupa ea ei el ele este eu fara fi fiecare fost i iar ii il in intre la le li lor lui",
        "mei mea meu ne nici noastra noastre nostru nu o ori pe pentru pana poate prin printr sa sau se si sunt",
        "suntem te toate toti tot tu un una unde unei unele unor unui va vor voi",
    ),
    "sq": _of(
        "ajo ama ane apo as asaj ata ato atij atyre cfare cila cilat cilen cilet cili dhe disa do duhet e edhe",
        "ende eshte i iu ja jane jo kane ka kam kemi kur kush ky kjo keta keto kesaj ketij me mbi mes mos nder nga",
        "ne nese nje ose para pas per perse po por prej qe qene saj se si sic sipas te ti tij tone tyre u une",
        "vetem",
    ),
}
